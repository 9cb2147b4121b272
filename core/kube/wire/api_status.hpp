// Private to this folder: converts error responses of a Kubernetes server to Error. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include <capstan/core/http/message.hpp>

namespace capstan::kube {

// Converts a failed response. `what` names the request, such as "GET secrets team/s". The code
// follows from the HTTP status, refined by the Status in the body: AlreadyExists, Expired. message
// and reason are the server's; if a cause is more specific than the reason (NamespaceTerminating),
// reason is the cause's.
Error ErrorFromAnswer(const http::Response& response, std::string_view what);

// Converts the object of an ERROR event of a watch; kDataLoss if it is not a Status.
Error ErrorFromStatusObject(std::string_view status, std::string_view what);

// The error if the text is a Status that reports a failure, which some servers send with 200.
std::optional<Error> FailureIn(std::string_view json, std::string_view what);

}  // namespace capstan::kube
