#include <capstan/testing/yaml.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>

namespace capstan::testing {
namespace {

bool Separates(std::string_view line) { return line.substr(0, 3) == "---" && Trim(line.substr(3)).empty(); }

std::vector<std::string> SplitDocuments(std::string_view text) {
  std::vector<std::string> documents(1);
  for (const std::string& line : Split(text, '\n')) {
    if (Separates(line)) {
      documents.emplace_back();
    } else {
      documents.back() += line + "\n";
    }
  }
  return documents;
}

}  // namespace

Result<std::vector<Json>> ParseYaml(std::string_view text) {
  if (text.size() > (std::size_t{16} << 20)) return Fail(Code::kTooLarge, "YAML of more than 16 MiB");
  std::vector<Json> documents;
  for (const std::string& one : SplitDocuments(text)) {
    CAPSTAN_TRY(const json::Tree tree, json::ParseYaml(one));
    if (tree.isEmpty()) continue;
    CAPSTAN_TRY(Json document, Json::Parse(json::ToText(tree)));
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace capstan::testing
