// Private to this folder: what a Kubernetes server says when it refuses, as our Error. Pure
// functions.
#pragma once

#include <optional>
#include <string_view>

#include <capstan/core/http/message.hpp>

namespace capstan::kube {

// A failed answer. `what` names the request, such as "GET secrets team/s". The code is by HTTP
// status, refined by the Status in the body: AlreadyExists, Expired. message and reason are the
// server's; when a cause tells more than the reason does (NamespaceTerminating), reason is the
// cause's.
Error ErrorFromAnswer(const http::Response& response, std::string_view what);

// The object of an ERROR event of a watch; kDataLoss when it is no Status.
Error ErrorFromStatusObject(std::string_view status, std::string_view what);

// Whether the text is a Status that reports a failure, which some servers send with 200.
std::optional<Error> FailureIn(std::string_view json, std::string_view what);

}  // namespace capstan::kube
