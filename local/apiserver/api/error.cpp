#include <capstan/local/apiserver/api/error.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {

json::ObjectPtr ApiError::ToStatus() const {
  json::ObjectPtr status = json::MakeObject();
  status->set("kind", "Status");
  status->set("apiVersion", "v1");
  status->set("metadata", list_metadata ? list_metadata : json::MakeObject());
  status->set("status", "Failure");
  status->set("message", message);
  if (!reason.empty()) status->set("reason", reason);
  if (details) status->set("details", details);
  status->set("code", code);
  return status;
}

std::string QualifiedResource(std::string_view group, std::string_view resource) {
  return group.empty() ? std::string(resource) : StrCat(resource, ".", group);
}

Refusal Refuse(int code, std::string_view reason, std::string message) {
  ApiError error;
  error.code = code;
  error.reason = reason;
  error.message = std::move(message);
  return Refusal(std::move(error));
}

Refusal RefuseAbout(int code, std::string_view reason, std::string message, std::string_view group,
                    std::string_view kind, std::string_view name) {
  ApiError error;
  error.code = code;
  error.reason = reason;
  error.message = std::move(message);
  error.details = json::MakeObject();
  if (!name.empty()) error.details->set("name", std::string(name));
  if (!group.empty()) error.details->set("group", std::string(group));
  if (!kind.empty()) error.details->set("kind", std::string(kind));
  return Refusal(std::move(error));
}

Refusal RefuseWith(const json::ObjectPtr& status) {
  ApiError error;
  error.code = static_cast<int>(json::IntegerIn(status, "code").value_or(500));
  error.reason = json::StringIn(status, "reason").value_or("");
  error.message = json::StringIn(status, "message").value_or("");
  error.details = json::ObjectIn(status, "details");
  return Refusal(std::move(error));
}

Refusal BadRequest(std::string message) { return Refuse(400, "BadRequest", std::move(message)); }

Refusal NotFound(std::string_view group, std::string_view resource, std::string_view name) {
  return RefuseAbout(404, "NotFound", StrCat(QualifiedResource(group, resource), " \"", name, "\" not found"),
                     group, resource, name);
}

Refusal NoSuchPath() {
  return RefuseAbout(404, "NotFound", "the server could not find the requested resource", "", "", "");
}

Refusal AlreadyExists(std::string_view group, std::string_view resource, std::string_view name) {
  return RefuseAbout(409, "AlreadyExists",
                     StrCat(QualifiedResource(group, resource), " \"", name, "\" already exists"), group,
                     resource, name);
}

Refusal Conflict(std::string_view group, std::string_view resource, std::string_view name,
                 std::string_view why) {
  return RefuseAbout(409, "Conflict",
                     StrCat("Operation cannot be fulfilled on ", QualifiedResource(group, resource), " \"",
                            name, "\": ", why),
                     group, resource, name);
}

Refusal Modified(std::string_view group, std::string_view resource, std::string_view name) {
  return Conflict(
      group, resource, name,
      "the object has been modified; please apply your changes to the latest version and try again");
}

Refusal Forbidden(std::string_view group, std::string_view resource, std::string_view name,
                  std::string_view why) {
  std::string subject = QualifiedResource(group, resource);
  if (!name.empty()) subject = StrCat(subject, " \"", name, "\"");
  return RefuseAbout(403, "Forbidden", StrCat(subject, " is forbidden: ", why), group, resource, name);
}

Refusal MethodNotAllowed() {
  return RefuseAbout(405, "MethodNotAllowed",
                     "the server does not allow this method on the requested resource", "", "", "");
}

Refusal Expired(std::string message) { return Refuse(410, "Expired", std::move(message)); }

Refusal UnsupportedMedia(std::string_view accepted) {
  return Refuse(
      415, "UnsupportedMediaType",
      StrCat("the body of the request was in an unknown format - accepted media types include: ", accepted));
}

Refusal ClientIsGone() {
  return Refuse(499, "Timeout", "the client went away before its request was answered");
}

Refusal InternalError(const Error& error) {
  ApiError answer;
  answer.code = 500;
  answer.reason = "InternalError";
  answer.message = StrCat("Internal error occurred: ", error.message);
  json::ObjectPtr cause = json::MakeObject();
  cause->set("message", error.message);
  json::ArrayPtr causes = json::MakeArray();
  causes->add(cause);
  answer.details = json::MakeObject();
  answer.details->set("causes", causes);
  return Refusal(std::move(answer));
}

json::ObjectPtr SuccessStatus(std::string_view group, std::string_view resource, std::string_view name,
                              std::string_view uid) {
  json::ObjectPtr details = json::MakeObject();
  details->set("name", std::string(name));
  if (!group.empty()) details->set("group", std::string(group));
  details->set("kind", std::string(resource));
  if (!uid.empty()) details->set("uid", std::string(uid));
  json::ObjectPtr status = json::MakeObject();
  status->set("kind", "Status");
  status->set("apiVersion", "v1");
  status->set("metadata", json::MakeObject());
  status->set("status", "Success");
  status->set("details", details);
  return status;
}

}  // namespace capstan::apiserver
