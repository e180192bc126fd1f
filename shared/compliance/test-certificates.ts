import type { TlsCredentials } from '../devices/tls.ts';

/**
 * Names, keys and authorities for suites that speak TLS: ECDSA P-256, valid from 2026 until the end of 9999 (RFC 5280 §4.1.2.5), so
 * that a simulated clock may stand anywhere. The keys are public and open nothing.
 */
export interface TestCertificates {
  /** For one.test and other.test, both signed by the authority. */
  readonly one: TlsCredentials;
  readonly other: TlsCredentials;
  /** For one.test as well, with a key and a serial of its own: what a renewal gives. */
  readonly renewed: TlsCredentials;
  readonly client: TlsCredentials;
  readonly authorityPem: string;
  /** Has signed none of the above. */
  readonly strangerPem: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256Of: (credentials: TlsCredentials) => string;
}

const one: TlsCredentials = {
  certificateChainPem: `-----BEGIN CERTIFICATE-----
MIIBWTCB/6ADAgECAgERMAoGCCqGSM49BAMCMB8xHTAbBgNVBAMTFENvbXBsaWFu
Y2UgQXV0aG9yaXR5MCAXDTI2MDEwMTAwMDAwMFoYDzk5OTkxMjMxMjM1OTU5WjAT
MREwDwYDVQQDEwhvbmUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNF5
GRzsw2qa/lveOCdRBGnQ4Iw4fuXsJdPxVlVBTzrNP0JhibfiPb/NF6kC4YXBKFeS
lGRE/zgVUQ/+hJ3nrWejNjA0MBMGA1UdEQQMMAqCCG9uZS50ZXN0MB0GA1UdJQQW
MBQGCCsGAQUFBwMBBggrBgEFBQcDAjAKBggqhkjOPQQDAgNJADBGAiEA9TK8rphD
pDMPhODrn0dZsQOAXVsI5OietWrFsN5Q+7gCIQCOpVQvNJuHu9mvWSHUFLwIxh3Z
fx+ycqoULZcShiZbHg==
-----END CERTIFICATE-----
`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdmanDHoEyCc8gcQM
NsXTMlEHJqihyciR3IjGyig8co+hRANCAATReRkc7MNqmv5b3jgnUQRp0OCMOH7l
7CXT8VZVQU86zT9CYYm34j2/zRepAuGFwShXkpRkRP84FVEP/oSd561n
-----END PRIVATE KEY-----
`,
};

const other: TlsCredentials = {
  certificateChainPem: `-----BEGIN CERTIFICATE-----
MIIBXDCCAQOgAwIBAgIBEjAKBggqhkjOPQQDAjAfMR0wGwYDVQQDExRDb21wbGlh
bmNlIEF1dGhvcml0eTAgFw0yNjAxMDEwMDAwMDBaGA85OTk5MTIzMTIzNTk1OVow
FTETMBEGA1UEAxMKb3RoZXIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BGCRdj1S+SJl5eGg3iVWSkW9zSwWeCOJ4ZJ2y8qLlW+f5sfqWYapez6Uoj9mZPLg
I3FM3JPUl91UzB3B8uvFg+ujODA2MBUGA1UdEQQOMAyCCm90aGVyLnRlc3QwHQYD
VR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMAoGCCqGSM49BAMCA0cAMEQCICpM
Ypw23Kjk/YU2H32k2Jxn07+plAZHFARv0qCkphnMAiB/Vp00OEY7iGVAawLNiAWT
lIHZwqceLY/5wASraC5JlA==
-----END CERTIFICATE-----
`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiPkOuFKS9hyFk0To
BPmQz5DeTpuGqnludpXgeoam9rihRANCAARgkXY9UvkiZeXhoN4lVkpFvc0sFngj
ieGSdsvKi5Vvn+bH6lmGqXs+lKI/ZmTy4CNxTNyT1JfdVMwdwfLrxYPr
-----END PRIVATE KEY-----
`,
};

const renewed: TlsCredentials = {
  certificateChainPem: `-----BEGIN CERTIFICATE-----
MIIBWDCB/6ADAgECAgETMAoGCCqGSM49BAMCMB8xHTAbBgNVBAMTFENvbXBsaWFu
Y2UgQXV0aG9yaXR5MCAXDTI2MDEwMTAwMDAwMFoYDzk5OTkxMjMxMjM1OTU5WjAT
MREwDwYDVQQDEwhvbmUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCxf
vvaNnKc664ZopEYk+8X4/FcoT1RPbb5GDmuTNLQ8JpgygD14ewJO1/gRmVu0RDUw
lrNcTmRE+4sWIIcgnIqjNjA0MBMGA1UdEQQMMAqCCG9uZS50ZXN0MB0GA1UdJQQW
MBQGCCsGAQUFBwMBBggrBgEFBQcDAjAKBggqhkjOPQQDAgNIADBFAiEAgP1WXz2V
PMqvkxFZDjqPOqbW5lB+z4dpl2FHmFlai2oCIE6Zkl3ITNzjTioRmoARhLo+cvHr
1fB2lT0ZxxWiMesj
-----END CERTIFICATE-----
`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTeOq9SiN85R0hcX5
xtJVOII4P84O7Dk2zBF7blLnvi2hRANCAAQsX772jZynOuuGaKRGJPvF+PxXKE9U
T22+Rg5rkzS0PCaYMoA9eHsCTtf4EZlbtEQ1MJazXE5kRPuLFiCHIJyK
-----END PRIVATE KEY-----
`,
};

const client: TlsCredentials = {
  certificateChainPem: `-----BEGIN CERTIFICATE-----
MIIBXjCCAQWgAwIBAgIBFDAKBggqhkjOPQQDAjAfMR0wGwYDVQQDExRDb21wbGlh
bmNlIEF1dGhvcml0eTAgFw0yNjAxMDEwMDAwMDBaGA85OTk5MTIzMTIzNTk1OVow
FjEUMBIGA1UEAxMLY2xpZW50LnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASFPbp/Ktzt5uO1oWeiX8F/W7iUrxkzDlbFzIKhANP2g0r1dXrVDidVVKsgw0xJ
ckVML87n/nW0IMs9V3XxiLmJozkwNzAWBgNVHREEDzANggtjbGllbnQudGVzdDAd
BgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwCgYIKoZIzj0EAwIDRwAwRAIg
NzQ7pVMi6YDf3caVjB87UUfzzaZuLkO6nfhJdhAedOgCIBhoCnbpaWMVYXFYISJF
9DD18H4di6qLS09aaxlN57jU
-----END CERTIFICATE-----
`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1mZCFEFitQ8u/q/e
yBUl6USGKGLeiihJ+alYiI0pkDyhRANCAASFPbp/Ktzt5uO1oWeiX8F/W7iUrxkz
DlbFzIKhANP2g0r1dXrVDidVVKsgw0xJckVML87n/nW0IMs9V3XxiLmJ
-----END PRIVATE KEY-----
`,
};

const authorityPem = `-----BEGIN CERTIFICATE-----
MIIBUDCB+KADAgECAgEBMAoGCCqGSM49BAMCMB8xHTAbBgNVBAMTFENvbXBsaWFu
Y2UgQXV0aG9yaXR5MCAXDTI2MDEwMTAwMDAwMFoYDzk5OTkxMjMxMjM1OTU5WjAf
MR0wGwYDVQQDExRDb21wbGlhbmNlIEF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABKOWYcgMmgd1l+WOoPt84qLLguc4cbKBkTdcVhurtlVPijrGyB7A
9tY0S7GbkZvUURogXMVXFLgQ47eSbwdbS42jIzAhMA8GA1UdEwEB/wQFMAMBAf8w
DgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0cAMEQCICP45UpAwUX2Sa35ZWeB
YIrpD6L/BwuMql9LpVL+2qm2AiAPmUlOvp3RWRoKLiEtHW+jkhtz9SvucvzImRit
81rPdQ==
-----END CERTIFICATE-----
`;

const strangerPem = `-----BEGIN CERTIFICATE-----
MIIBOTCB4KADAgECAgEBMAoGCCqGSM49BAMCMBMxETAPBgNVBAMTCFN0cmFuZ2Vy
MCAXDTI2MDEwMTAwMDAwMFoYDzk5OTkxMjMxMjM1OTU5WjATMREwDwYDVQQDEwhT
dHJhbmdlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGn+kJ4qJzjUF051Fbf9
xTRsIV7E0vFosu8PtIvVcZnsnKMgejGJrF9ak27+ViFz0jlJpgDeKoBVqESj6/a/
m/CjIzAhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
BAMCA0gAMEUCIQDCEZIwihuugtl1QaLO88WxYe0RrebcveXRwtOXUIAjfgIgZ48d
Py5wmi7j2sl2uDnS3Suo0aRBgVAfIjQPxpAfO9g=
-----END CERTIFICATE-----
`;

const digests: ReadonlyMap<TlsCredentials, string> = new Map([
  [one, '636752a20ef89c36774153b25574bb0fe4875f7e46b072821cd6c6efa0b20be3'],
  [other, '5fd4bd69546769379c9d5f30a7491fbb79c6e4cc6473214180fb23578478bd33'],
  [renewed, '95e990185d04bbafb8a9d59302204b08bbc487678a9ef2263b0677bcd9fa5a77'],
  [client, '9dc6ae5275b3bdad9c14483643bc2890bd564bbb922de929c1df29fb92fb230c'],
]);

export const testCertificates: TestCertificates = {
  one,
  other,
  renewed,
  client,
  authorityPem,
  strangerPem,
  sha256Of: credentials => digests.get(credentials) ?? '',
};
