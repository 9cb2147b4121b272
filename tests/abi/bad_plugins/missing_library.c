// A library that is linked against and then not there.
int capstan_library_that_goes_missing(void);
int capstan_library_that_goes_missing(void) { return 1; }
