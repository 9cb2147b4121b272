// MakeProvider turns a loaded plugin into the Provider and Externals that the core knows.
//
// Each call runs on a lane of its own (lanes.hpp), with its own memory; what the plugin
// answers is checked (answer.hpp) and what it says became of a change is judged by what was sent
// (judge.hpp).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/load.hpp>
#include <capstan/plugins/loader/seams.hpp>

namespace capstan::loader {

struct AdaptOptions {
  // A call without an earlier deadline ends then.
  Duration call_timeout = std::chrono::seconds(60);
  // How long after its end a call may still say what became of it, before it is left behind.
  Duration grace = std::chrono::seconds(2);
  std::size_t call_memory = std::size_t{256} << 20;
  // What messages advise where the plugin is at fault: its author reads other words than its users.
  std::string remedy = "update the plugin";
};

// An instance of the plugin. `config` is its JSON configuration. The Provider is thread-safe and
// outlives its Externals; the seams outlive the Provider. Destroying it waits `grace` for calls
// under way; what still runs then is left behind with its thread and reaches no seam any more.
// Errors: kInvalidArgument (the configuration), kDeadlineExceeded, and what the plugin gives as its
// reason.
Result<std::unique_ptr<external::Provider>> MakeProvider(std::shared_ptr<const Plugin> plugin,
                                                         const std::string& config, const Seams& seams,
                                                         AdaptOptions options = {});

// The configuration that the environment asks for: {"field": "value of its variable"} for those
// that are set, by the manifest's config_environment. `environment` answers for one variable.
std::string ConfigFromEnvironment(
    const external::Manifest& manifest,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

}  // namespace capstan::loader
