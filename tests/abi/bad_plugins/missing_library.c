// A library that is present at link time and missing at run time.
int capstan_library_that_goes_missing(void);
int capstan_library_that_goes_missing(void) { return 1; }
