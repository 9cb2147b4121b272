// MakeProvider adapts a loaded plugin to the Provider and External interfaces of the core.
//
// Each call runs on a lane of its own (lanes.hpp), with its own memory. The plugin's answers are
// validated (answer.hpp), and its verdicts on changes are checked against the requests that were
// sent (judge.hpp).
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
  // Applies to calls without an earlier deadline.
  Duration call_timeout = std::chrono::seconds(60);
  // How long a call can still report its outcome after its deadline or cancellation, before it is
  // abandoned.
  Duration grace = std::chrono::seconds(2);
  std::size_t call_memory = std::size_t{256} << 20;
  // Advice in messages about faults of the plugin, which differs between authors and users of
  // plugins.
  std::string remedy = "update the plugin";
};

// Creates an instance of the plugin. `config` is its JSON configuration. The Provider is
// thread-safe and must outlive its Externals; the seams must outlive the Provider. Its destructor
// waits `grace` for calls in progress; calls that still run then are abandoned together with their
// threads and cannot reach the seams any more. Errors: kInvalidArgument (the configuration),
// kDeadlineExceeded, and the plugin's own error.
Result<std::unique_ptr<external::Provider>> MakeProvider(std::shared_ptr<const Plugin> plugin,
                                                         const std::string& config, const Seams& seams,
                                                         AdaptOptions options = {});

// The configuration from the environment: {"field": "value of its variable"} for the variables in
// the manifest's config_environment that are set. `environment` looks up one variable.
std::string ConfigFromEnvironment(
    const external::Manifest& manifest,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

}  // namespace capstan::loader
