/** RFC 7541 Appendix C: blocks in hexadecimal, their fields, and what the dynamic table counts after each. */
export interface Example {
  readonly section: string;
  readonly tableBytes: number;
  readonly blocks: readonly { readonly hex: string; readonly fields: string; readonly tableBytes: number }[];
}

const FIRST_REQUEST = ':method: GET\n:scheme: http\n:path: /\n:authority: www.example.com';
const THIRD_REQUEST =
  ':method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value';
const SECOND = 'date: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com';
const THIRD_RESPONSE =
  ':status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n' +
  'content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';

function requests(section: string, blocks: readonly [string, string, string]): Example {
  const [first, second, third] = blocks;
  return {
    section,
    tableBytes: 4096,
    blocks: [
      { hex: first, fields: FIRST_REQUEST, tableBytes: 57 },
      { hex: second, fields: `${FIRST_REQUEST}\ncache-control: no-cache`, tableBytes: 110 },
      { hex: third, fields: THIRD_REQUEST, tableBytes: 164 },
    ],
  };
}

/** The table holds 256 bytes here, so that entries go. */
function responses(section: string, blocks: readonly [string, string, string]): Example {
  const [first, second, third] = blocks;
  return {
    section,
    tableBytes: 256,
    blocks: [
      { hex: first, fields: `:status: 302\ncache-control: private\n${SECOND}`, tableBytes: 222 },
      { hex: second, fields: `:status: 307\ncache-control: private\n${SECOND}`, tableBytes: 222 },
      { hex: third, fields: THIRD_RESPONSE, tableBytes: 215 },
    ],
  };
}

function single(section: string, hex: string, fields: string, tableBytes: number): Example {
  return { section, tableBytes: 4096, blocks: [{ hex, fields, tableBytes }] };
}

export const EXAMPLES: readonly Example[] = [
  single('C.2.1', '400a637573746f6d2d6b65790d637573746f6d2d686561646572', 'custom-key: custom-header', 55),
  single('C.2.2', '040c2f73616d706c652f70617468', ':path: /sample/path', 0),
  single('C.2.3', '100870617373776f726406736563726574', 'password: secret', 0),
  single('C.2.4', '82', ':method: GET', 0),
  requests('C.3', [
    '828684410f7777772e6578616d706c652e636f6d',
    '828684be58086e6f2d6361636865',
    '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
  ]),
  requests('C.4', [
    '828684418cf1e3c2e5f23a6ba0ab90f4ff',
    '828684be5886a8eb10649cbf',
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
  ]),
  responses('C.5', [
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54' +
      '6e1768747470733a2f2f7777772e6578616d706c652e636f6d',
    '4803333037c1c0bf',
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a' +
      '4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
  ]),
  responses('C.6', [
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
    '4883640effc1c0bf',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960' +
      'd5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
  ]),
];
