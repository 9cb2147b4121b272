#include <capstan/core/json/check.hpp>

#include <algorithm>

#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {

Status CheckObject(std::string_view text, int depth) {
  constexpr int kDeepest = 1024;
  LentParser parser;
  simdjson::dom::element root;
  if (const auto error = ParseDom(*parser, text, std::min(depth, kDeepest), root); error)
    return FailedText(error, Code::kInvalidArgument, "the text");
  if (!root.is_object()) return Fail(Code::kInvalidArgument, "the text is JSON, but not an object");
  return {};
}

}  // namespace capstan::json
