// Request bodies: YAML, protobuf, content negotiation, field sets of managedFields.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>
#include <capstan/local/apiserver/protobuf_body.hpp>
#include <capstan/local/apiserver/requests/content.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace apiserver;

void Yaml(const std::string& text) {
  const auto tree = json::ParseYaml(text);
  if (!tree) return;
  const std::string as_json = json::ToText(*tree);
  if (!IsUtf8(as_json)) return;  // invalid UTF-8 is shown as U+FFFD
  const std::string written = json::ToYaml(*tree);
  const auto back = json::ParseYaml(written, {1000, std::size_t{32} << 20});
  CAPSTAN_MUST(back && json::Equal(*tree, *back), written + "\n" + as_json);
}

// A parsed message round-trips unchanged.
void Protobuf(const std::string& body) {
  const auto once = JsonOfProtobuf(body);
  if (!once) return;
  const auto written = ProtobufOfJson(*once);
  CAPSTAN_MUST(written.has_value(), *once);
  const auto twice = JsonOfProtobuf(*written);
  CAPSTAN_MUST(twice && json::Equal(std::string_view(*twice), std::string_view(*once)),
               *once + "\n" + (twice ? *twice : twice.error().message));
}

void FieldSets(const std::string& text) {
  (void)DuplicateFields(text);
  const auto object = json::ParseObject(text, 200);
  if (!object) return;
  const auto fields = FromFieldsV1(*object);
  CAPSTAN_MUST(FromFieldsV1(ToFieldsV1(fields)) == fields, json::ToText(ToFieldsV1(fields)));
  CAPSTAN_MUST(Union(fields, fields) == fields && Intersection(fields, fields) == fields, text);
  (void)PathsOf(fields);
}

}  // namespace

void FuzzBodies(std::string_view bytes) {
  Input input(bytes);
  const unsigned mode = input.Byte() % 4;
  const std::string text(input.rest());
  if (mode == 0) return Yaml(text);
  if (mode == 1) return FieldSets(text);
  if (mode == 2) {
    Protobuf(text);
    (void)ShownBody(text);
    (void)MalformedJson(text, "x");
    return;
  }
  http::Request request;
  request.method = "GET";
  request.url = "https://h" + input.Piece();
  request.headers.Set("Accept", input.Piece());
  request.headers.Set("Content-Type", input.Piece());
  request.body = input.Piece();
  (void)ReadRequestInfo(request).QueryFlag("watch");
  (void)Negotiate(request.headers, ProtobufOffer::kAll);
  (void)MediaType(request.headers);
  (void)ReadObject(request, "Pod", BodyLimits{});
}

}  // namespace capstan::fuzz
