#include <capstan/core/typed/fields.hpp>

#include <cmath>
#include <limits>

#include <capstan/core/base/text.hpp>

namespace capstan::typed {
namespace {

// A whole number, even if written as 3.0.
std::optional<std::int64_t> Whole(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  constexpr double kExact = 9007199254740992.0;  // 2^53: whole doubles below it are exact
  const double number = json.AsNumber();
  const std::int64_t whole = json.AsInteger(std::numeric_limits<std::int64_t>::min());
  if (whole != std::numeric_limits<std::int64_t>::min() || number == static_cast<double>(whole)) return whole;
  if (std::abs(number) < kExact && std::trunc(number) == number) return static_cast<std::int64_t>(number);
  return std::nullopt;
}

std::string What(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_array()) return "a list";
  if (json.is_object()) return "an object";
  return Shorten(json.ToText(), 60);
}

}  // namespace

Problem Problem::Below(std::string_view name) && {
  const bool joined = path.empty() || path.front() == '[';
  path = StrCat(name, joined ? "" : ".", path);
  return std::move(*this);
}
Problem Problem::Below(std::size_t index) && {
  const bool joined = path.empty() || path.front() == '[';
  path = StrCat("[", index, "]", joined ? "" : ".", path);
  return std::move(*this);
}

Problem WrongType(std::string_view expected, const Json& found) {
  return {"", StrCat("expected ", expected, ", found ", What(found))};
}

Problem ReadValue(const Json& json, bool& value) {
  if (!json.is_bool()) return WrongType("true or false", json);
  value = json.AsBool();
  return {};
}
Problem ReadValue(const Json& json, std::int32_t& value) {
  const auto whole = Whole(json);
  if (!whole) return WrongType("an integer", json);
  if (*whole < std::numeric_limits<std::int32_t>::min() ||
      *whole > std::numeric_limits<std::int32_t>::max()) {
    return {"", StrCat(*whole, " does not fit into 32 bits")};
  }
  value = static_cast<std::int32_t>(*whole);
  return {};
}
Problem ReadValue(const Json& json, std::int64_t& value) {
  const auto whole = Whole(json);
  if (!whole) return WrongType("an integer", json);
  value = *whole;
  return {};
}
Problem ReadValue(const Json& json, double& value) {
  if (!json.is_number()) return WrongType("a number", json);
  value = json.AsNumber();
  return {};
}
Problem ReadValue(const Json& json, std::string& value) {
  if (!json.is_string()) return WrongType("a text", json);
  value = json.AsString();
  return {};
}
Problem ReadValue(const Json& json, Json& value) {
  value = json;
  return {};
}
Problem ReadValue(const Json& json, IntOrString& value) {
  if (json.is_string()) {
    value = json.AsString();
    return {};
  }
  const auto whole = Whole(json);
  if (!whole) return WrongType("an integer or a text", json);
  value = *whole;
  return {};
}
Problem ReadValue(const Json& json, Quantity& value) {
  if (!json.is_string() && !json.is_number()) return WrongType("a quantity", json);
  auto quantity = Quantity::Parse(json.is_string() ? json.AsString() : json.ToText());
  if (!quantity) return {"", quantity.error().message};
  value = std::move(*quantity);
  return {};
}
Problem ReadValue(const Json& json, Time& value) {
  if (!json.is_string()) return WrongType("a time", json);
  auto time = Time::Parse(json.AsString());
  if (!time) return {"", time.error().message};
  value = std::move(*time);
  return {};
}

Problem ReadEnum(const Json& json, std::span<const std::string_view> texts, std::size_t& index) {
  if (!json.is_string()) return WrongType("a text", json);
  const std::string text = json.AsString();
  std::string known;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == text) {
      index = i;
      return {};
    }
    known += StrCat(i == 0 ? "" : ", ", "\"", texts[i], "\"");
  }
  return {"", StrCat("\"", Shorten(text, 60), "\" is none of ", Shorten(known, 400))};
}

Json WriteValue(const IntOrString& value) {
  return value.is_number() ? Json(value.number()) : Json(value.text());
}
Json WriteValue(const Quantity& value) { return Json(value.text()); }
Json WriteValue(const Time& value) { return Json(value.text()); }

const Json* FieldReader::Find(std::string_view name) {
  const Json::Object& fields = object_.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].first != name) continue;
    seen_[i] = true;
    return &fields[i].second;
  }
  return nullptr;
}

Json FieldReader::Unknown() const {
  Json::Object rest;
  const Json::Object& fields = object_.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!seen_[i]) rest.push_back(fields[i]);
  }
  return rest.empty() ? Json() : Json(std::move(rest));
}

Json FieldWriter::Done(const Json& unknown) && {
  for (const Json::Field& field : unknown.fields()) fields_.push_back(field);
  return Json(std::move(fields_));
}

Result<Json> ParseWhole(std::string_view text, const kube::Kind& kind) {
  CAPSTAN_TRY(Json json, Json::Parse(text));
  if (!json.is_object()) return Fail(ErrorOf(WrongType("an object", json), kind));
  const auto differs = [&](std::string_view field, const std::string& wanted) {
    const Json& found = json[field];
    return !found.is_null() && found.AsString() != wanted;
  };
  if (differs("apiVersion", kind.api_version())) {
    return Fail(ErrorOf(
        {"apiVersion", StrCat("expected ", kind.api_version(), ", found ", What(json["apiVersion"]))}, kind));
  }
  if (differs("kind", kind.kind)) {
    return Fail(ErrorOf({"kind", StrCat("expected ", kind.kind, ", found ", What(json["kind"]))}, kind));
  }
  Json::Object rest;
  for (const Json::Field& field : json.fields()) {
    if (field.first != "apiVersion" && field.first != "kind") rest.push_back(field);
  }
  return Json(std::move(rest));
}

Error ErrorOf(const Problem& problem, const kube::Kind& kind) {
  return MakeError(Code::kInvalidArgument,
                   StrCat(kind.kind, ": ", problem.path, problem.path.empty() ? "" : ": ", problem.what));
}

std::string WholeText(Json fields, const kube::Kind& kind) {
  Json::Object whole{{"apiVersion", kind.api_version()}, {"kind", kind.kind}};
  for (const Json::Field& field : fields.fields()) whole.push_back(field);
  return Json(std::move(whole)).ToText();
}

}  // namespace capstan::typed
