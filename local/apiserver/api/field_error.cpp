#include <capstan/local/apiserver/api/field_error.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

bool ShowsValue(FieldErrorType type) {
  switch (type) {
    case FieldErrorType::kRequired:
    case FieldErrorType::kForbidden:
    case FieldErrorType::kTooLong:
    case FieldErrorType::kInternal:
      return false;
    default:
      return true;
  }
}

std::string_view Headline(FieldErrorType type) {
  switch (type) {
    case FieldErrorType::kRequired:
      return "Required value";
    case FieldErrorType::kDuplicate:
      return "Duplicate value";
    case FieldErrorType::kTypeInvalid:
    case FieldErrorType::kInvalid:
      return "Invalid value";
    case FieldErrorType::kNotSupported:
      return "Unsupported value";
    case FieldErrorType::kForbidden:
      return "Forbidden";
    case FieldErrorType::kTooLong:
      return "Too long";
    case FieldErrorType::kTooMany:
      return "Too many";
    case FieldErrorType::kNotFound:
      return "Not found";
    case FieldErrorType::kInternal:
      return "Internal error";
  }
  return "";
}

std::string ShownValue(const json::Tree& value) {
  if (KindOf(value) == ValueKind::kDouble) return NumberText(NumberOf(value));
  // Objects and lists are printed as Go writes them.
  return ObjectOf(value) || ArrayOf(value) ? WithoutHtml(json::ToText(value)) : json::ToText(value);
}

}  // namespace

std::string_view CauseReason(FieldErrorType type) {
  switch (type) {
    case FieldErrorType::kRequired:
      return "FieldValueRequired";
    case FieldErrorType::kDuplicate:
      return "FieldValueDuplicate";
    case FieldErrorType::kInvalid:
      return "FieldValueInvalid";
    case FieldErrorType::kTypeInvalid:
      return "FieldValueTypeInvalid";
    case FieldErrorType::kNotSupported:
      return "FieldValueNotSupported";
    case FieldErrorType::kForbidden:
      return "FieldValueForbidden";
    case FieldErrorType::kTooLong:
      return "FieldValueTooLong";
    case FieldErrorType::kTooMany:
      return "FieldValueTooMany";
    case FieldErrorType::kNotFound:
      return "FieldValueNotFound";
    case FieldErrorType::kInternal:
      return "InternalError";
  }
  return "";
}

std::string CauseMessage(const FieldError& error) {
  std::string text(Headline(error.type));
  if (ShowsValue(error.type) && !error.omit_value) text += ": " + ShownValue(error.bad_value);
  if (!error.detail.empty()) text += ": " + error.detail;
  return text;
}

std::string ToText(const FieldError& error) {
  return error.field.empty() ? CauseMessage(error) : error.field + ": " + CauseMessage(error);
}

std::string ToText(const std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const auto& error : errors) {
    std::string text = ToText(error);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  }
  if (texts.size() == 1) return texts.front();
  return "[" + Join(texts, ", ") + "]";
}

json::ObjectPtr InvalidStatus(std::string_view group, std::string_view kind, std::string_view name,
                              const std::vector<FieldError>& errors) {
  const std::string qualified = group.empty() ? std::string(kind) : StrCat(kind, ".", group);
  json::ArrayPtr causes = json::MakeArray();
  for (const auto& error : errors) {
    json::ObjectPtr cause = json::MakeObject();
    cause->set("reason", std::string(CauseReason(error.type)));
    cause->set("message", CauseMessage(error));
    cause->set("field", error.field);
    causes->add(cause);
  }
  json::ObjectPtr details = json::MakeObject();
  if (!name.empty()) details->set("name", std::string(name));
  if (!group.empty()) details->set("group", std::string(group));
  if (!kind.empty()) details->set("kind", std::string(kind));
  if (causes->size() > 0) details->set("causes", causes);
  json::ObjectPtr status = json::MakeObject();
  status->set("kind", std::string("Status"));
  status->set("apiVersion", std::string("v1"));
  status->set("metadata", json::MakeObject());
  status->set("status", std::string("Failure"));
  status->set("message", StrCat(qualified, " ", json::Quote(name), " is invalid: ", ToText(errors)));
  status->set("reason", std::string("Invalid"));
  status->set("details", details);
  status->set("code", 422);
  return status;
}

FieldError RequiredField(std::string field, std::string detail) {
  return {FieldErrorType::kRequired, std::move(field), {}, std::move(detail), false};
}
FieldError InvalidField(std::string field, const json::Tree& bad_value, std::string detail) {
  return {FieldErrorType::kInvalid, std::move(field), bad_value, std::move(detail), false};
}
FieldError ForbiddenField(std::string field, std::string detail) {
  return {FieldErrorType::kForbidden, std::move(field), {}, std::move(detail), false};
}
FieldError UnsupportedField(std::string field, const json::Tree& bad_value,
                            const std::vector<std::string>& supported) {
  std::vector<std::string> quoted;
  for (const auto& value : supported) quoted.push_back(json::Quote(value));
  std::string detail = quoted.empty() ? "" : "supported values: " + Join(quoted, ", ");
  return {FieldErrorType::kNotSupported, std::move(field), bad_value, std::move(detail), false};
}

}  // namespace capstan::apiserver
