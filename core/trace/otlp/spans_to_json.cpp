#include <capstan/core/trace/otlp/spans_to_json.hpp>

#include <capstan/core/base/json.hpp>

namespace capstan::trace {
namespace {

// Code of a failed Status in OTLP; 0 means unset.
constexpr int kStatusError = 2;

Json Field(const std::string& key, const char* type, const std::string& value) {
  return Json::EmptyObject().Set("key", key).Set("value", Json::EmptyObject().Set(type, value));
}

Json FieldOf(const Attribute& attribute) {
  if (const auto* number = std::get_if<std::int64_t>(&attribute.second))
    return Field(attribute.first, "intValue", std::to_string(*number));
  return Field(attribute.first, "stringValue", std::get<std::string>(attribute.second));
}

std::string Nanoseconds(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

Json SpanToJson(const EndedSpan& span) {
  Json json = Json::EmptyObject();
  json.Set("traceId", span.ids.TraceText()).Set("spanId", span.ids.SpanText());
  if (span.parent != 0) json.Set("parentSpanId", HexOf(span.parent));
  json.Set("name", span.name)
      .Set("kind", static_cast<int>(span.kind))
      .Set("startTimeUnixNano", Nanoseconds(span.begun))
      .Set("endTimeUnixNano", Nanoseconds(span.begun + span.took));
  Json attributes = Json::EmptyArray();
  for (const Attribute& attribute : span.attributes) attributes.Append(FieldOf(attribute));
  json.Set("attributes", std::move(attributes));
  Json status = Json::EmptyObject();
  if (span.failed) status.Set("code", kStatusError);
  if (!span.why.empty()) status.Set("message", span.why);
  return json.Set("status", std::move(status));
}

}  // namespace

std::string SpansToJson(const std::vector<std::pair<std::string, std::string>>& resource,
                        const std::vector<EndedSpan>& spans) {
  Json attributes = Json::EmptyArray();
  for (const auto& [key, value] : resource) attributes.Append(Field(key, "stringValue", value));
  Json list = Json::EmptyArray();
  for (const EndedSpan& span : spans) list.Append(SpanToJson(span));
  Json scope = Json::EmptyObject();
  scope.Set("scope", Json::EmptyObject().Set("name", "capstan")).Set("spans", std::move(list));
  Json whole = Json::EmptyObject();
  whole.Set("resource", Json::EmptyObject().Set("attributes", std::move(attributes)))
      .Set("scopeSpans", Json::EmptyArray().Append(std::move(scope)));
  return Json::EmptyObject().Set("resourceSpans", Json::EmptyArray().Append(std::move(whole))).ToText();
}

}  // namespace capstan::trace
