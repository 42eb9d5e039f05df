#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
int main(void) { printf("%d\n", errno); errno = ENOENT; printf("%d %s\n", errno, strerror(errno)); for (int i = 0; i < 134; i++) printf("%d %s\n", i, strerror(i)); printf("%s | ", strerror(-1)); printf("%s\n", strerror(9999)); errno = 0; printf("%d ", close(99)); printf("%d\n", errno == EBADF); errno = 0; printf("%d\n", open("/no/such/file", O_RDONLY)); printf("%d\n", errno == ENOENT); errno = 5; int saved = errno; strtol("99999999999999999999", 0, 10); printf("%d %d\n", saved, errno == ERANGE); int *e = &errno; *e = 12; printf("%d %s\n", errno, strerror(errno)); errno++; printf("%d\n", errno); return 0; }
