// The same soname stem as a library that every process has loaded (libc.so.6), in another version.
int capstan_other_libc(void);
int capstan_other_libc(void) { return 1; }
