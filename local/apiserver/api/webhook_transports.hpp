// How the server reaches webhooks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::apiserver {

// Creates the transport to webhooks whose certificates were signed by these authorities (PEM;
// empty: the system's). Called once for each set of authorities. An error becomes the reason for
// which the write is refused.
using WebhookTransports = std::function<Result<std::unique_ptr<http::Transport>>(const std::string& ca_pem)>;

}  // namespace capstan::apiserver
