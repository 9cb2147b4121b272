// Private to the loader: adapts a session of a plugin to the External interface of the core. The
// plugin's answers are validated (answer.hpp); its verdicts on changes are checked against the
// requests that were sent (judge.hpp).
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/calls/call.hpp>

namespace capstan::loader {

// Thread-safe. Lanes and clock must outlive it.
std::unique_ptr<external::External> MakeExternal(Lanes& lanes, Clock& clock, std::shared_ptr<Session> session,
                                                 const AdaptOptions& options);

}  // namespace capstan::loader
