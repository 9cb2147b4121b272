// How the server reaches admission webhooks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::apiserver {

// Makes the transport for webhooks whose certificates these authorities signed (PEM; empty: the
// system's). Called once for each set of authorities. Errors are the reason in the refusal of the
// write.
using WebhookTransports = std::function<Result<std::unique_ptr<http::Transport>>(const std::string& ca_pem)>;

}  // namespace capstan::apiserver
