// Judge determines the outcome of a change from the requests that the transport saw, not only from
// the plugin's verdict. Pure; thread-safe.
#pragma once

#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::loader {

// One request that a call sent through the lent HTTP.
struct SentRequest {
  bool changes = false;  // neither GET nor HEAD
  Sent sent = Sent::kNo;
  int status = 0;  // with kYes
};

// Rules, over the requests that change something (anything but GET and HEAD):
//
//   the plugin says                | and the transport saw                            | outcome
//   -------------------------------|--------------------------------------------------|---------
//   rejected, wait or not found    | one that may have been carried out: no answer,   | unknown
//                                  | or not external::CertainlyRefused                |
//   unknown                        | all were external::CertainlyRefused              | rejected
//   unknown                        | none of those it tried was sent                  | wait
//   done, of a call that creates   | none that was tried was answered with 2xx or 3xx | unknown
//   something (`makes`)            |                                                  |
//   anything else                  |                                                  | as it says
//
// If a plugin changes something without the lent HTTP (it tried no such request), its verdict
// stands.
external::Outcome Judge(external::Outcome said, const std::vector<SentRequest>& seen, bool makes);

// The strongest of all requests of a call, for Error::sent.
Sent StrongestSent(const std::vector<SentRequest>& seen);

}  // namespace capstan::loader
