import { describe, expect, it } from 'vitest';
import { FAULTS_MAX, GENERATED_RECORDS_MAX, INCLUDE_DEPTH_MAX, ZONE_FILES_MAX } from './limits.ts';
import { HEAD, readBehindHead, readText } from './testing/read-text.ts';

describe('a record of a master file', () => {
  it('is read as RFC 1035 §5.3 has it', () => {
    const { records, errors } = readText(`
@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        MX      10      VENERA
        MX      20      VAXA

A       A       26.3.0.103

VENERA  A       10.1.0.52
        A       128.9.0.32

VAXA    A       10.2.0.27
        A       128.9.0.33
`);
    expect(errors).toEqual([]);
    expect(records).toEqual([
      'example.org. 60 NS A.ISI.EDU.',
      'example.org. 60 NS VENERA.example.org.',
      'example.org. 60 SOA VENERA.example.org. Action\\.domains.example.org. 20 7200 600 3600000 60',
      'example.org. 60 MX 10 VENERA.example.org.',
      'example.org. 60 MX 20 VAXA.example.org.',
      'A.example.org. 60 A 26.3.0.103',
      'VAXA.example.org. 60 A 10.2.0.27',
      'VAXA.example.org. 60 A 128.9.0.33',
      'VENERA.example.org. 60 A 10.1.0.52',
      'VENERA.example.org. 60 A 128.9.0.32',
    ]);
  });

  it.each([
    ['neither TTL nor class', 'a TXT x', 3600],
    ['a TTL', 'a 60 TXT x', 60],
    ['a class', 'a IN TXT x', 3600],
    ['TTL and class', 'a 60 IN TXT x', 60],
    ['class and TTL', 'a in 60 txt x', 60],
    ['a TTL in units', 'a 1w2d3h4m5s TXT x', 788_645],
    ['the greatest TTL (RFC 2181 §8)', 'a 2147483647 TXT x', 0x7fff_ffff],
    ['the TTL 0', 'a 0 TXT x', 0],
    ['a whole owner', 'a.example.org. TXT x', 3600],
    ['an owner in the origin', '$ORIGIN EXAMPLE.ORG.\na TXT x', 3600],
    ['a type by its number (RFC 3597 §5)', 'a TYPE16 \\# 2 0178', 3600],
  ])('may have %s', (_what, line, ttl) => {
    const { records, errors } = readBehindHead(line);
    expect(errors).toEqual([]);
    expect(records?.map(record => record.toLowerCase())).toEqual([`a.example.org. ${ttl} txt "x"`]);
  });

  it.each([
    [
      'a 60 60 TXT x',
      'there is no record type 60; one without a name is written as TYPE and its number (RFC 3597 §5)',
    ],
    [
      'a IN IN TXT x',
      'there is no record type IN; one without a name is written as TYPE and its number (RFC 3597 §5)',
    ],
    ['a CH TXT x', 'the zone is of class IN, not CH (RFC 1035 §5.2)'],
    ['a 1h30 TXT x', '1h30 is no time: write seconds, or units as in 1h30m (RFC 1035 §5.1)'],
    ['a 2147483648 TXT x', 'the TTL 2147483648 is above 2147483647 seconds (RFC 2181 §8)'],
    ['a', 'the record ends before its type: owner, TTL, class, type, data is the order (RFC 1035 §5.1)'],
    ['a OPT x', 'OPT is for questions and messages; no zone holds it (RFC 6895 §3.1)'],
    ['a TYPE250 \\# 0', 'TYPE250 is for questions and messages; no zone holds it (RFC 6895 §3.1)'],
    ['a TYPE10 \\# 0', 'NULL records (type 10) do not stand in master files (RFC 1035 §3.3.10)'],
    ['a "TXT" x', '"TXT" stands where the type should; types have no quotation marks (RFC 1035 §5.1)'],
    ['"a" TXT x', 'a name stands without quotation marks: a (RFC 1035 §5.1)'],
    ['a..b TXT x', 'a..b is no name: an empty label (RFC 1035 §5.1)'],
    ['a TXT "x', 'a string in quotation marks ends on the line where it begins (RFC 1035 §5.1)'],
    ['a.example.com. TXT x', 'a.example.com. is outside the zone example.org. (RFC 1035 §5.2)'],
    ['a A 1.2.3', 'A, address: '],
  ])('is refused as in %j', (line, fault) => {
    const { records, errors } = readBehindHead(`${line}\n`);
    expect(records).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`zone:6: ${fault}`);
  });

  it('needs an owner before it where it begins with a blank', () => {
    expect(readText(` A 192.0.2.1\n${HEAD}`).errors[0]).toMatch(/^zone:1: the line begins with a blank/);
  });
});

describe('the TTL of a record that has none', () => {
  const soa = 'SOA ns.elsewhere.test. x 1 7200 3600 1209600 900\n@ NS ns.elsewhere.test.\n';

  it('is that of $TTL, also where others stood in records (RFC 2308 §4)', () => {
    const { records } = readBehindHead('a 60 TXT a\nb TXT b\n$TTL 2h\nc TXT c\nd 5 TXT d\ne TXT e');
    expect(records?.map(record => record.split(' ')[1])).toEqual(['60', '3600', '7200', '5', '7200']);
  });

  it('is the last one that stood in a record where there is no $TTL (RFC 1035 §5.1)', () => {
    const { records, warnings } = readText(`@ 60 ${soa}a 5 TXT a\nb TXT b`);
    expect(records?.map(record => record.split(' ').slice(0, 2).join(' '))).toEqual([
      'example.org. 60',
      'example.org. 60',
      'a.example.org. 5',
      'b.example.org. 5',
    ]);
    expect(warnings).toEqual([]);
  });

  it("is the SOA's last field where nothing else is known, and missing before that", () => {
    const { records, warnings } = readText(`@ ${soa}`);
    expect(records?.map(record => record.split(' ')[1])).toEqual(['900', '900']);
    expect(warnings).toEqual([
      "zone:1: no TTL is given; the SOA's last field, 900, is taken for all (RFC 2308 §4)",
    ]);
    expect(readText(`a TXT x\n@ ${soa}`).errors).toEqual([
      'zone:1: the record has no TTL and no $TTL stands before it (RFC 2308 §4)',
    ]);
  });
});

describe('directives', () => {
  it('set the origin for what comes behind', () => {
    const { records } = readBehindHead(
      '$ORIGIN sub.example.org.\na TXT @\n  TXT b\n$origin example.org.\na TXT c',
    );
    expect(records).toEqual([
      'a.example.org. 3600 TXT "c"',
      'a.sub.example.org. 3600 TXT "@"',
      'a.sub.example.org. 3600 TXT "b"',
    ]);
  });

  it.each([
    ['$ORIGIN', 'right is: $ORIGIN and one name with its final dot'],
    ['$ORIGIN sub', 'right is: $ORIGIN and one name with its final dot'],
    ['$ORIGIN sub\\.', 'right is: $ORIGIN and one name with its final dot'],
    ['$ORIGIN a. b.', 'right is: $ORIGIN and one name with its final dot'],
    ['$TTL', 'right is: $TTL and one time'],
    ['$TTL x', 'x is no time'],
    ['$TTL 1 2', 'right is: $TTL and one time'],
    ['$INCLUDE', 'right is: $INCLUDE and a file'],
    ['$INCLUDE other a. b.', 'right is: $INCLUDE and a file'],
    ['$INCLUDE nowhere', 'there is no file nowhere'],
    ['$FOO x', '$FOO is no directive; there are'],
    [' $TTL 5', 'the directive $TTL stands at the beginning of its line'],
    ['$GENERATE 1-2 h$ A', 'right is: $GENERATE start-stop'],
    ['$GENERATE 1-2 h$ MX 10 ns1', 'right is: $GENERATE start-stop'],
    ['$GENERATE 3-1 h$ A 192.0.2.$', 'the range 3-1 ends before it begins'],
    ['$GENERATE 1 h$ A 192.0.2.$', 'the range is start-stop or start-stop/step'],
    ['$GENERATE 1-2/0 h$ A 192.0.2.$', 'the step of a range is 1 or more'],
    ['$GENERATE 1-2147483648 h$ A 192.0.2.$', 'the numbers of a range end at 2147483647'],
    ['$GENERATE 1-2 h${x} A 192.0.2.$', 'behind $ stands {offset}'],
    ['$GENERATE 1-2 h${0,256} A 192.0.2.$', 'a width is at most 255'],
    ['$GENERATE 1-2 h${-5} A 192.0.2.1', '1 with the offset -5 is below 0'],
    ['$GENERATE 1-2 h$ TXT "\\"$"', 'a string in quotation marks ends'],
    ['$GENERATE 200-300 h$ A 192.0.2.$', 'A, address: '],
  ])('are refused as in %j', (line, fault) => {
    const { errors } = readBehindHead(`${line}\n`);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`zone:6: ${fault}`);
  });
});

describe('$INCLUDE', () => {
  it('reads a file beside the one that names it, under an origin of its own', () => {
    const { records, errors } = readBehindHead(
      'b TXT b\n$INCLUDE parts/hosts sub.example.org.\n  TXT still-b\n$INCLUDE /top',
      {
        'parts/hosts': '$TTL 5\na TXT a\n$INCLUDE deeper/more\n',
        'parts/deeper/more': 'c TXT c\n',
        '/top': 'd TXT d\n',
      },
    );
    expect(errors).toEqual([]);
    expect(records).toEqual([
      'b.example.org. 3600 TXT "b"',
      'b.example.org. 3600 TXT "still-b"',
      'd.example.org. 3600 TXT "d"',
      'a.sub.example.org. 5 TXT "a"',
      'c.sub.example.org. 5 TXT "c"',
    ]);
  });

  it('names file and line of a fault in it', () => {
    const { errors } = readBehindHead('$INCLUDE part\n', { part: 'a TXT a\nb FOO b\n' });
    expect(errors[0]).toMatch(/^part:2: there is no record type FOO/);
  });

  it('ends where a file includes itself', () => {
    const { errors } = readBehindHead('$INCLUDE part\n', { part: '$INCLUDE part\n' });
    expect(errors).toEqual([
      `part:1: more than ${INCLUDE_DEPTH_MAX} files within files; does one include itself? (limits of Lares)`,
    ]);
  });

  it('ends where files multiply', () => {
    const { errors } = readBehindHead('$INCLUDE part\n', {
      part: '$INCLUDE leaf\n'.repeat(ZONE_FILES_MAX),
      leaf: '',
    });
    // The zone and the part are two of them.
    expect(errors).toEqual([
      `part:${ZONE_FILES_MAX - 1}: a zone is ${ZONE_FILES_MAX} files at most (limits of Lares)`,
      `part:${ZONE_FILES_MAX}: a zone is ${ZONE_FILES_MAX} files at most (limits of Lares)`,
    ]);
  });
});

describe('$GENERATE', () => {
  it('makes the records that BIND makes', () => {
    const { records, errors } = readBehindHead(
      [
        '$GENERATE 0-4/2 host-${1,3} 60 IN A 192.0.2.$',
        '$GENERATE 1-1 m$ MX "10 ns$"',
        '$GENERATE 1-1 q$ TXT "\\"a $\\" b"',
        '$GENERATE 4095-4095 t TXT "${0,4,n} ${0,3,n} ${0,5,N} ${0,0,n} ${0,6,X} $$ \\$ ${-1} ${0,3,o} ${0,8,n} ${0,9,n}"',
        '$GENERATE 17-17 ${0,4,n}ip6 PTR host-$',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    expect(records).toEqual([
      'host-001.example.org. 60 A 192.0.2.0',
      'host-003.example.org. 60 A 192.0.2.2',
      'host-005.example.org. 60 A 192.0.2.4',
      '1.1.ip6.example.org. 3600 PTR host-17.example.org.',
      'm1.example.org. 3600 MX 10 ns1.example.org.',
      'q1.example.org. 3600 TXT "a 1" "b"',
      't.example.org. 3600 TXT "f.f.f" "f.f.f" "F.F.F" "f.f.f" "000FFF" "$" "$" "4094" "7777" "f.f.f.0." "f.f.f.0.0"',
    ]);
  });

  it('makes a bounded number of records', () => {
    const line = `$GENERATE 1-${GENERATED_RECORDS_MAX} h$ A 192.0.2.1\n`;
    expect(readBehindHead(`$GENERATE 1-2 x$ TXT x\n${line}`).errors).toEqual([
      `zone:7: all $GENERATE of a zone together make at most ${GENERATED_RECORDS_MAX} records (limits of Lares)`,
    ]);
  });
});

describe('faults', () => {
  it('are told all at once, the first fifty', () => {
    const { errors } = readBehindHead('a FOO x\nb A 1\nc 1h30 TXT x\n');
    expect(errors.map(error => error.split(':')[1])).toEqual(['6', '7', '8']);
    expect(readBehindHead('a FOO x\n'.repeat(60)).errors).toHaveLength(FAULTS_MAX);
  });

  it('quote a bounded part of a word that has no end', () => {
    const [error = ''] = readBehindHead(`a ${'x'.repeat(100_000)} TXT x\n`).errors;
    expect(error).toMatch(/^zone:6: there is no record type xxx.*x … \(RFC 3597 §5\)$/);
    expect(error.length).toBeLessThan(2100);
  });

  it('of a zone that is not there name the file', () => {
    expect(readText('$INCLUDE other\n').errors).toEqual(['zone:1: there is no file other (RFC 1035 §5.1)']);
  });
});
