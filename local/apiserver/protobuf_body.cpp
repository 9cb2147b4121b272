#include <capstan/local/apiserver/protobuf_body.hpp>

#include <capstan/local/apiserver/protobuf/protobuf.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kDepth = 100;

}  // namespace

Result<std::string> JsonOfProtobuf(std::string_view body) {
  const BuiltinTypes types;
  CAPSTAN_TRY(const json::ObjectPtr object, DecodeProtobuf(types, body, "", "", {}));
  return json::ToText(object);
}

Result<std::string> ProtobufOfJson(std::string_view object) {
  const BuiltinTypes types;
  CAPSTAN_TRY(const json::ObjectPtr tree, json::ParseObject(object, kDepth));
  std::string body = EncodeProtobuf(types, tree);
  if (body.empty()) return Fail(Code::kInvalidArgument, "the object's kind is not known here");
  return body;
}

}  // namespace capstan::apiserver
