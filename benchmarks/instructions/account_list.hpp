// The account's list at rest: a fake transport serves the same page of 200 clusters again and
// again, through the DigitalOcean provider as a plugin, into the list that the core shares.
#pragma once

namespace capstan::benchmarks {

// Reads the page `clusters` / 200 times after two unmeasured reads. Ends the program on an error.
void ReadAccountList(int clusters);

}  // namespace capstan::benchmarks
