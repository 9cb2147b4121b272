// What the host logs, as warnings, when it corrects an answer of a provider. The conformance suite
// searches for these messages, so that an author learns of problems that users never see.
#pragma once

namespace capstan::external {

// The verdict contradicts what was sent; the host decides by what was sent.
inline constexpr char kOverruled[] = "overruled a provider's verdict on a change";
// A message or a log line contained a credential.
inline constexpr char kRedacted[] = "removed a secret from what a provider says";
// A call did not return in time; its outcome is unknown, and its slot stays occupied.
inline constexpr char kLeftBehind[] = "gave up a call that did not return in time";

}  // namespace capstan::external
