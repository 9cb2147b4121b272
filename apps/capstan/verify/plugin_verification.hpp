// Evaluates the flags and the environment of `capstan plugins verify` before anything is sent.
// Values and pure functions; LoopbackOnlyTransport is thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::app {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The kind called `name`, or the only one when `name` is empty. Errors: kInvalidArgument, listing
// the kinds.
Result<external::KindInfo> KindToVerify(const external::Manifest& manifest, const std::string& name);

// The configuration from the environment, overridden by the fields of the JSON object `given`
// (empty: none). Errors: kInvalidArgument.
Result<std::string> ConfigToVerify(const external::Manifest& manifest, const std::string& given,
                                   const Environment& environment);

// Where a provider with this configuration sends its requests.
enum class Reach {
  kNowhere,   // it has no host and no URL: it reaches its cloud in another way
  kLoopback,  // all URLs of the configuration are on this machine: a simulator
  kClouds,
};
Reach ReachOf(const external::Manifest& manifest, const std::string& config);

// The credentials from the variables that the manifest names. Errors: kFailedPrecondition, saying
// which variable to set.
Result<external::Credentials> CredentialsToVerify(const external::KindInfo& kind,
                                                  const Environment& environment);

// Invalid credentials of the same form: the letters and digits in the second half of each are
// replaced.
external::Credentials NobodysCredentials(const external::Credentials& credentials);

// Creates the desired documents for the suite: the object's spec under any name. `text` is YAML or
// JSON with one object of `kind`; `crd` (may be empty) provides defaults and rules. `object`, if
// given, receives that object unchanged. Errors, one line: kInvalidArgument.
Result<std::function<std::string(const std::string& name)>> DesiredOf(const std::string& text,
                                                                      const std::string& origin,
                                                                      const external::KindInfo& kind,
                                                                      const std::string& crd,
                                                                      std::string* object = nullptr);

// Passes requests to this machine and refuses all others, sent kNo. `next` must outlive it.
class LoopbackOnlyTransport final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;

 private:
  Status Admit(const http::Request& request, const Context& context) override;
};

}  // namespace capstan::app
