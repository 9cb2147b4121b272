// Judge: what became of a change, by what the transport saw and not by the plugin's word alone.
// Pure; thread-safe.
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
//   the plugin says                | and the transport saw                            | so it is
//   -------------------------------|--------------------------------------------------|---------
//   rejected, wait or not found    | one that may have been carried out: no answer,   | unknown
//                                  | or not external::CertainlyRefused                |
//   unknown                        | all were external::CertainlyRefused              | rejected
//   unknown                        | none of those it tried was sent                  | wait
//   done, of a call that makes     | none that was tried was answered with 2xx or 3xx | unknown
//   something (`makes`)            |                                                  |
//   anything else                  |                                                  | as it says
//
// A plugin that changes something without the lent HTTP (it tried no such request) is taken at its
// word.
external::Outcome Judge(external::Outcome said, const std::vector<SentRequest>& seen, bool makes);

// Of all requests of a call: the strongest claim, for Error::sent.
Sent StrongestSent(const std::vector<SentRequest>& seen);

}  // namespace capstan::loader
