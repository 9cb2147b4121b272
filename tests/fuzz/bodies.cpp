// Request bodies: YAML, protobuf, content negotiation, field sets of managedFields.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>
#include <capstan/local/apiserver/requests/content.hpp>
#include <capstan/local/apiserver/requests/content_protobuf.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

using namespace apiserver;

void Yaml(const std::string& text) {
  const auto tree = json::ParseYaml(text);
  if (!tree) return;
  const std::string as_json = json::ToText(*tree);
  if (!IsUtf8(as_json)) return;  // bytes that are no text are shown as U+FFFD
  const std::string written = json::ToYaml(*tree);
  const auto back = json::ParseYaml(written, {1000, std::size_t{32} << 20});
  CAPSTAN_MUST(back && json::Equal(*tree, *back), written + "\n" + as_json);
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
    if (const auto binding = DecodeBinding(text)) (void)json::ToText(*binding);
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
  (void)Negotiate(request.headers);
  (void)MediaType(request.headers);
  (void)ReadObject(request, "Pod", BodyLimits{});
}

}  // namespace capstan::fuzz
