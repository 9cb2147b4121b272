// Private to the loader: a session of a plugin as the External that the core knows. What the plugin
// answers is checked (answer.hpp); what it says became of a change is judged by what was sent
// (judge.hpp).
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/calls/call.hpp>

namespace capstan::loader {

// Thread-safe. Lanes and clock must outlive it.
std::unique_ptr<external::External> MakeExternal(Lanes& lanes, Clock& clock, std::shared_ptr<Session> session,
                                                 const AdaptOptions& options);

}  // namespace capstan::loader
