// A failed request: an HTTP code and a Status object with Kubernetes' own wording, because kubectl
// prints it and clients branch on `reason`.
//
// Values and pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

struct ApiError {
  int code = 500;
  std::string reason;
  std::string message;
  json::ObjectPtr details;        // may be null
  json::ObjectPtr list_metadata;  // of a Status with a continue token; may be null
  bool cas_lost = false;          // lost a race against another writer and can be retried

  // This error as a Status object.
  json::ObjectPtr ToStatus() const;
};

template <class T>
using Answer = tl::expected<T, ApiError>;
using Done = tl::expected<void, ApiError>;
using Refusal = tl::unexpected<ApiError>;

// The resource as messages name it: "widgets.anutosh491.dev". `resource` is the plural; `group` may
// be empty.
std::string QualifiedResource(std::string_view group, std::string_view resource);

Refusal Refuse(int code, std::string_view reason, std::string message);
Refusal RefuseAbout(int code, std::string_view reason, std::string message, std::string_view group,
                    std::string_view kind, std::string_view name);
// Takes code, reason, message and details from an existing Status object.
Refusal RefuseWith(const json::ObjectPtr& status);

Refusal BadRequest(std::string message);
Refusal NotFound(std::string_view group, std::string_view resource, std::string_view name);
// For a path that is no resource.
Refusal NoSuchPath();
Refusal AlreadyExists(std::string_view group, std::string_view resource, std::string_view name);
Refusal Conflict(std::string_view group, std::string_view resource, std::string_view name,
                 std::string_view why);
// The stored resourceVersion differs from the caller's.
Refusal Modified(std::string_view group, std::string_view resource, std::string_view name);
Refusal Forbidden(std::string_view group, std::string_view resource, std::string_view name,
                  std::string_view why);
Refusal MethodNotAllowed();
Refusal Expired(std::string message);
Refusal UnsupportedMedia(std::string_view accepted);
Refusal InternalError(const Error& error);
// 499, for the log and the metrics: the client has disconnected.
Refusal ClientIsGone();

// {"kind":"Status","status":"Success"}, the answer to a deletion.
json::ObjectPtr SuccessStatus(std::string_view group, std::string_view resource, std::string_view name,
                              std::string_view uid);

}  // namespace capstan::apiserver

// CAPSTAN_TRY for Answer<T>.
#define CAPSTAN_ANSWER(declaration, expression) \
  CAPSTAN_ANSWER_INNER(CAPSTAN_CONCAT(capstan_answer_, __LINE__), declaration, expression)
#define CAPSTAN_ANSWER_INNER(result, declaration, expression)                   \
  auto result = (expression);                                                   \
  if (!result) return ::capstan::apiserver::Refusal(std::move(result).error()); \
  declaration = std::move(result).value()
#define CAPSTAN_ANSWER_OK(expression)                                        \
  do {                                                                       \
    if (auto capstan_done = (expression); !capstan_done)                     \
      return ::capstan::apiserver::Refusal(std::move(capstan_done).error()); \
  } while (false)
