// What `capstan plugins verify` makes of its flags and its environment before anything is asked.
// Values and pure functions; LoopbackOnlyTransport is thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::app {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The kind called `name`, or the only one when `name` is empty. Errors: kInvalidArgument, naming
// what there is.
Result<external::KindInfo> KindToVerify(const external::Manifest& manifest, const std::string& name);

// What the environment configures, and above it the fields of the JSON object `given` (empty:
// none). Errors: kInvalidArgument.
Result<std::string> ConfigToVerify(const external::Manifest& manifest, const std::string& given,
                                   const Environment& environment);

// Where a provider with this configuration sends its requests.
enum class Reach {
  kNowhere,   // it has no host and no URL: its cloud is reached otherwise
  kLoopback,  // all URLs of the configuration are on this machine: a simulator
  kClouds,
};
Reach ReachOf(const external::Manifest& manifest, const std::string& config);

// From the variables that the manifest names. Errors: kFailedPrecondition, saying which variable to
// set.
Result<external::Credentials> CredentialsToVerify(const external::KindInfo& kind,
                                                  const Environment& environment);

// Of the same form, but nobody's: letters and digits of each one's second half are others.
external::Credentials NobodysCredentials(const external::Credentials& credentials);

// The desired documents that the suite asks for: the object's spec under any name. `text` is YAML
// or JSON with one object of `kind`; `crd` (may be empty) gives defaults and rules. `object`, where
// given, gets that object as it stands. Errors, one line: kInvalidArgument.
Result<std::function<std::string(const std::string& name)>> DesiredOf(const std::string& text,
                                                                      const std::string& origin,
                                                                      const external::KindInfo& kind,
                                                                      const std::string& crd,
                                                                      std::string* object = nullptr);

// Lets requests to this machine through and refuses all others, sent kNo. `next` must outlive it.
class LoopbackOnlyTransport final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;

 private:
  Status Admit(const http::Request& request, const Context& context) override;
};

}  // namespace capstan::app
