import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { formatData, parseData } from './presentation.ts';
import { tokenize } from './testing/tokenize.ts';
import { checkData } from './wire.ts';

const comName = '03666f6f076578616d706c6503636f6d00';
const orgName = '03666f6f076578616d706c65036f726700';

function parsed(text: string): string {
  const data = parseData(TYPE.SVCB, tokenize(text), []);
  return data.ok ? formatHex(data.value) : `refused: ${data.error}`;
}

describe('service parameters', () => {
  it.each([
    ['0 foo.example.com.', `0000${comName}`],
    ['1 .', '000100'],
    ['16 foo.example.com. port=53', `0010${comName}000300020035`],
    ['1 foo.example.com. key667=hello', `0001${comName}029b000568656c6c6f`],
    ['1 foo.example.com. key667="hello\\210qoo"', `0001${comName}029b000968656c6c6fd2716f6f`],
    [
      '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
      `0001${comName}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
    ],
    [
      '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
      '0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221',
    ],
    [
      '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
      `0010${orgName}0000000400010004000100090268320568332d313900040004c0000201`,
    ],
    ['16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"', `0010${orgName}0001000c08665c6f6f2c626172026832`],
    ['16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2', `0010${orgName}0001000c08665c6f6f2c626172026832`],
  ])('are read as in RFC 9460 App. D.1 and D.2: %s', (text, expected) => {
    expect(parsed(text)).toBe(expected);
    expect(parsed(formatData(TYPE.SVCB, parseHex(expected)!))).toBe(expected);
  });

  it.each([
    ['key123=abc key123=def', 'key123 is there twice'],
    ['mandatory', 'the value of mandatory is not a list of keys'],
    ['alpn', 'the value of alpn is not a list of protocol names'],
    ['port', 'the value of port is not a number from 0 to 65535'],
    ['ipv4hint', 'the value of ipv4hint is not a list of IPv4 addresses'],
    ['ipv6hint', 'the value of ipv6hint is not a list of IPv6 addresses'],
    ['no-default-alpn=abc', 'the value of no-default-alpn is not empty'],
    ['mandatory=key123', 'key123 is mandatory and is not there'],
    ['mandatory=mandatory', 'the value of mandatory is not a list of keys'],
    ['mandatory=key123,key123 key123=abc', 'the value of mandatory is not a list of keys'],
    ['no-default-alpn', 'no-default-alpn is there without alpn'],
    ['port=65536', 'the value of port is not a number'],
    ['ech=A', 'the value of ech is not a list of configurations'],
    ['alpn=h2,,h3', 'the value of alpn is not a list of protocol names'],
    ['dohpath=/dns-query', 'the value of dohpath is not a path with the variable dns'],
    ['dohpath=/{a{?dns}', 'the value of dohpath is not a path with the variable dns'],
    ['key65535=a', '"key65535=a" is not one of parameters'],
    ['key01=a', '"key01=a" is not one of parameters'],
    ['Port=1', '"Port=1" is not one of parameters'],
    ['"port=1"', '"port=1" is not one of parameters'],
    ['key1=h2', 'the value of alpn is not a list of protocol names'],
  ])('are refused as in RFC 9460 App. D.3 and alike: %s', (text, fault) => {
    const expected = `refused: SVCB, parameters: ${fault}`;
    expect(parsed(`1 foo.example.com. ${text}`).slice(0, expected.length)).toBe(expected);
  });

  it('are written by names that every reader knows, and by number', () => {
    const text =
      '1 . alpn="h2,h3" no-default-alpn port="8443" ech="AEX+" key7="/dns-query{?dns}" key8 key667="\\000\\""';
    expect(formatData(TYPE.HTTPS, parseHex(parsed(text))!)).toBe(text);
    expect(parsed('1 . ohttp dohpath=/{?dns}')).toBe(parsed('1 . key8 key7=/{?dns}'));
    expect(parsed('1 . key3=\\000\\053')).toBe(parsed('1 . port=53'));
  });

  it('are malformed in the wire where RFC 9460 §2.2 says so', () => {
    const parameters = {
      'keys that do not ascend': '00030002003500010003026832',
      'one key twice': '000300020035000300020035',
      'a length beyond the data': '000300030035',
      'half a key': '00',
      'key 65535': 'ffff0000',
      'an empty protocol name': '0001000100',
      'a protocol name beyond its value': '00010003036832',
      'half an address': '00040003c00002',
      'a mandatory list of odd length': '00000003000300000300020035',
    };
    for (const [what, hex] of Object.entries(parameters))
      expect(checkData(TYPE.SVCB, parseHex(`000100${hex}`)!), what).toBeDefined();
    expect(checkData(TYPE.SVCB, parseHex('000100000300020035')!)).toBeUndefined();
  });
});
