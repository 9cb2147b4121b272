// What a host logs, as warnings, when it mends something that a provider said. The conformance
// suite looks for these sentences, so that an author learns of what users never see.
#pragma once

namespace capstan::external {

// The verdict contradicts what was sent; the host goes by what was sent.
inline constexpr char kOverruled[] = "overruled a provider's verdict on a change";
// A credential stood in a text for people or in a log line.
inline constexpr char kBlotted[] = "removed a secret from what a provider says";
// A call did not return in time; what became of it is not known, and its slot is taken.
inline constexpr char kLeftBehind[] = "gave up a call that did not return in time";

}  // namespace capstan::external
