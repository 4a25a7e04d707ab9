/**
 * A certificate that anybody can make, and its key, which is no secret: openssl req -x509 -newkey ec
 * -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
 */
export const certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUEWznyWSS7DTdAMAQUKgwaHr8Jd8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE3MjQ0OFoYDzIxMjYxMDI4
MTcyNDQ4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS7fpr4SJcYkQ/CHz+cCq98M4fFpZOff9YVI5NO61cjEzLRmReOAoly
lTUzwSyKvN/TtaLY+dbj9J6n4TnOdJFgo1MwUTAdBgNVHQ4EFgQUWAXV3aJDiMZC
ai5QkPxjXIh9B3YwHwYDVR0jBBgwFoAUWAXV3aJDiMZCai5QkPxjXIh9B3YwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA7HwJzKhbHeq+TYW4msU4
/bg2d8DD5uz27tNTTkk8gK8CIG4ClkAXUFYsTC0jnns7+n1je5JLvwz97oHAxy9E
5lab
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAr6TsisFXewreYIu
gQWL43EjaNKZlEcdW3G9/IXalCahRANCAAS7fpr4SJcYkQ/CHz+cCq98M4fFpZOf
f9YVI5NO61cjEzLRmReOAolylTUzwSyKvN/TtaLY+dbj9J6n4TnOdJFg
-----END PRIVATE KEY-----`,
};
