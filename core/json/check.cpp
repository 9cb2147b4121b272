#include <capstan/core/json/check.hpp>

#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {

Status CheckObject(std::string_view text, int depth) {
  LentParser parser;
  simdjson::dom::element root;
  CAPSTAN_RETURN_IF_ERROR(ParseForTree(*parser, text, depth, root));
  if (!root.is_object()) return NotAnObject();
  return {};
}

}  // namespace capstan::json
