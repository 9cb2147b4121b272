// The plugin of ABI 1.0 with what 1.1 appended, as it was built on the day that 1.1 was frozen:
// libcapstan_frozen_1_1.so. build.sh says how.
#define FROZEN_COST(item) (item)->monthly_cost = 4.5
#include "plugin_1_0.c"
