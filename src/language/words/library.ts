/** Functions of the C library: what each does, and what that means for persistence where it means something. */

import { words } from './table.ts'

const exact = words(`
open: Opens a file or device, here a device-dax node such as /dev/dax0.0; returns a descriptor, or -1 and errno.
close: Closes a descriptor. Mappings of it stay; nothing becomes durable by it.
mmap: Maps a file or device into memory: stores through it are stores to persistent memory, and stay in the caches until they are written back. MAP_FAILED on error.
munmap: Takes a mapping away. It writes nothing back: lines in the caches stay volatile.
msync: Makes what was stored to a mapping of a file durable, with MS_SYNC; of device-dax it is refused.
unlink: Takes a name of a file away; the file goes with its last name and its last descriptor.
rmdir: Removes a folder that is empty.
link: Gives a file another name.
symlink: Makes a link to a path.
rename: Gives a file another name in place of its own; what had that name before is replaced.
mkdir: Makes a folder.
stat: What is known of a file: its kind, size, blocks, names, times.
lstat: The same, of a symbolic link itself.
fstat: The same, of a file that is open.
truncate: Cuts a file, or makes it longer: a hole.
ftruncate: The same to an open file.
fallocate: Makes room for a range of a file, which reads as zeros; or a hole, or zeros, in its place.
posix_fallocate: Makes room for a range of a file; returns the error number.
syncfs: Makes everything durable that was written to the file system of a file.
sync_file_range: Starts writing a range of a file; nothing is flushed, and no metadata is written.
write: Writes bytes to a descriptor: 1 and 2 are the program's output.
sysconf: A number about the system, such as the page size or the size of a cache line.
getpagesize: Bytes of a page: 4096.
read: Reads bytes from a file where it stands; how many, or -1.
pread: Reads bytes from a file at an offset, and leaves it standing where it stood.
writev: Writes bytes from several pieces of memory, one after the other, as one write.
pwritev: The same at an offset, and leaves the file standing where it stood.
readv: Reads bytes from a file where it stands into several pieces of memory, one after the other.
preadv: The same at an offset, and leaves the file standing where it stood.
pwrite: Writes bytes to a file at an offset, and leaves it standing where it stood.
lseek: Says where reads and writes of a file go on.
fsync: Writes back what the page cache has of a file and flushes the disk: what was written is durable then.
fdatasync: As fsync, without what only tells about the file.
sync: Writes back what the page cache has of every disk, and flushes nothing.
getpid: The number of the process.
usleep sleep nanosleep clock_nanosleep: Lets kernel time pass. Hardware may write lines back meanwhile, and promises nothing.
_exit _Exit quick_exit: Ends the process at once. Stores in the caches are neither lost nor made durable by it.
exit: Ends the process after its atexit functions. Only a power failure loses what is in the caches.
abort: Ends the process with SIGABRT.
atexit: Registers a function that exit() calls.
getenv: The value of an environment variable; there are none here.
printf: Writes formatted text to the program's output.
puts: Writes a text and a newline to the program's output.
putchar: Writes one character to the program's output.
fprintf dprintf: Writes formatted text to a stream or descriptor.
sprintf: Writes formatted text into memory without a bound; into persistent memory it is plain stores that must be written back.
snprintf: Writes at most size bytes of formatted text into memory; returns the length it would have had. Plain stores that must be written back.
asprintf vasprintf: Formatted text in memory from malloc().
vprintf vfprintf vdprintf: As printf, fprintf and dprintf, with a va_list.
vsprintf vsnprintf: As sprintf and snprintf, with a va_list.
fputs: Writes a text to a stream.
fputc putc: Writes one character to a stream.
fwrite: Writes items to a stream.
fflush: Writes a stream's buffer out. It has nothing to do with cache lines: use clwb and sfence for those.
ferror: True when a stream had an error.
feof: True at a stream's end.
clearerr: Forgets a stream's error and end.
fileno: The descriptor of a stream.
getchar fgetc getc: The next character of a stream; there is no input here, so EOF.
fgets: A line of a stream; there is no input here, so NULL.
setbuf setvbuf: Chooses how a stream is buffered.
perror: Writes a text and what errno means to the error output.
sscanf vsscanf: Takes numbers and words out of a text; returns how many, -1 if the text ends before the first.
warn warnx: Writes a formatted message to the error output; warn adds what errno means.
err errx: As warn and warnx, then ends the program with a status.
strerror: What an error number means, as text.
memcpy: Copies bytes that do not overlap by plain stores of at most 16 bytes. In persistent memory the copy may be torn by a power failure, and is durable only after every line is written back and fenced.
mempcpy: As memcpy; returns the end of the copy.
memmove: Copies bytes that may overlap, by plain stores: written back by nobody.
memccpy: Copies bytes up to and including a given one.
memset: Fills bytes by plain stores; durable only after every line is written back and fenced.
explicit_bzero bzero: Fills bytes with zero by plain stores; the zeros are durable only after they are written back and fenced.
bcopy: Copies bytes that may overlap, source first.
memcmp bcmp: Compares bytes: 0 when they are equal.
memchr rawmemchr: The first place of a byte.
memrchr: The last place of a byte.
memmem: The first place of some bytes within others.
strlen: Bytes before the first zero byte.
strnlen: As strlen, looking at a limited number of bytes.
strcmp strcoll: Compares two texts: 0 when they are equal.
strncmp: Compares at most some bytes of two texts.
strcasecmp strncasecmp: Compares texts without regard to case.
strcpy: Copies a text with its zero byte by plain stores; durable only after its lines are written back and fenced.
strncpy: Copies at most length bytes of a text and fills up with zero bytes; plain stores, written back by nobody.
stpcpy stpncpy: As strcpy and strncpy; returns the end of the copy.
strcat strncat: Appends a text by plain stores.
strchr index: The first place of a character in a text.
strrchr rindex: The last place of a character in a text.
strchrnul: The first place of a character, or the text's end.
strspn strcspn: Length of the beginning made only of characters in a set, or of none of them.
strpbrk: The first character that is in a set.
strstr strcasestr: The first place of a text within another.
strtok strtok_r strsep: Cuts a text into words, writing zero bytes into it.
strdup strndup: A copy of a text in memory from malloc(), which is not persistent.
strxfrm: Copies a text so that strcmp orders the copies.
malloc: Memory of the process in DRAM. It is gone after a power failure: pointers to it must not be kept in persistent memory.
calloc: As malloc, filled with zero.
realloc reallocarray: Changes the size of memory from malloc(), moving it if need be.
free: Gives memory from malloc() back.
aligned_alloc posix_memalign: As malloc, aligned: 64 begins it on a cache line. Not persistent.
malloc_usable_size: Bytes that memory from malloc() really has.
qsort: Sorts an array in place by a comparison; in persistent memory a power failure may leave it half sorted.
bsearch: Finds an item of a sorted array.
atoi atol atoll atof: Reads a number from text, without telling mistakes.
strtol strtoll strtoul strtoull strtoimax strtoumax: Reads an integer from text in a base of 2 to 36, and tells where it ends.
strtod strtof: Reads a floating-point number from text, and tells where it ends.
abs labs llabs imaxabs: The absolute value.
div ldiv lldiv: Quotient and remainder at once.
rand random rand_r: A pseudo-random number; the same in every run.
srand srandom: Seeds the pseudo-random numbers.
time: Seconds of kernel time since 1970.
clock: Processor time of the program.
difftime: Seconds between two times.
clock_gettime clock_getres timespec_get gettimeofday: Kernel time, which passes the same way in every run.
sched_yield pthread_yield: Lets other threads go first.
sched_getcpu: The number of the core that runs this thread.
pthread_create: Starts a thread with a function. Stores of threads reach memory in any order that their fences allow.
pthread_join: Waits until a thread ends. What it stored is visible then, not durable.
pthread_detach: Nobody will join this thread.
pthread_exit: Ends this thread.
pthread_self pthread_equal: This thread; whether two are the same.
pthread_mutex_init pthread_mutex_destroy: Makes a mutex ready, or gives it up. A mutex in persistent memory keeps its lock over a power failure: make it new after one.
pthread_mutex_lock: Takes a mutex, waiting for it, by a locked instruction.
pthread_mutex_trylock: Takes a mutex if it is free.
pthread_mutex_unlock: Gives a mutex back. Others may see the data before it is durable: write back and fence first.
pthread_cond_init pthread_cond_destroy: Makes a condition variable ready, or gives it up.
pthread_cond_wait: Gives the mutex back, waits for a signal, takes the mutex again.
pthread_cond_signal pthread_cond_broadcast: Wakes one thread, or all, that wait for the condition.
pthread_spin_init pthread_spin_destroy: Makes a spin lock ready, or gives it up.
pthread_spin_lock pthread_spin_trylock: Takes a spin lock by a locked instruction.
pthread_spin_unlock: Gives a spin lock back by a plain store.
pthread_once: Calls a function once, whoever comes first.
sqrt: The square root.
fabs: The absolute value.
floor: The largest whole number that is not above.
ceil: The smallest whole number that is not below.
trunc: The number without its fraction.
round lround llround: The nearest whole number, halves away from zero.
rint nearbyint lrint llrint: The nearest whole number, halves to the even one.
logb ilogb: The binary exponent.
exp exp2: e or 2 to the power of x.
log log2 log10: The logarithm: natural, to base 2, to base 10.
cbrt: The cube root.
fmod remainder: The remainder of a division.
fmax fmin fdim: The larger, the smaller, the positive difference of two numbers.
copysign: The first number with the second one's sign.
pow: x to the power of y.
hypot: The length of (x, y).
nextafter: The next number that can be written, towards y.
ldexp scalbn: x times 2 to the power of n.
frexp: Splits a number into fraction and binary exponent.
modf: Splits a number into fraction and whole.
fpclassify isnormal: What kind of number it is.
tolower toupper: The other case of a letter.
isascii toascii: Whether a character has seven bits; its seven bits.
`)

const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'a letter or a digit',
  alpha: 'a letter',
  blank: 'a space or a tab',
  cntrl: 'a control character',
  digit: 'a digit',
  graph: 'printable and no space',
  lower: 'a small letter',
  print: 'printable',
  punct: 'printable, no letter, digit or space',
  space: 'white space',
  upper: 'a capital',
  xdigit: 'a hexadecimal digit',
}

export function libraryWords(name: string): string | undefined {
  // sqrtf is sqrt of floats.
  const known = exact.get(name) ?? exact.get(name.replace(/f$/, ''))
  if (known !== undefined) return known
  const kind = /^is([a-z]+)$/.exec(name)?.[1]
  return kind === undefined || CLASSES[kind] === undefined ? undefined : `True for ${CLASSES[kind]}.`
}
