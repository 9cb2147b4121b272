// The JSON of plugin authors compared with that of the core: each reads what the other writes.
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/sdk/cpp/json.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

void FuzzSdkJson(std::string_view bytes) {
  const std::string text(bytes);
  const auto ours = sdk::Json::Parse(text, 200);
  const auto core = json::ParseTree(text, 200);
  if (ours) {
    const std::string written = ours->ToText();
    const auto again = sdk::Json::Parse(written, 200);
    CAPSTAN_MUST(again.has_value(), written);
    if (written.find("-0") == std::string::npos) CAPSTAN_MUST(again->ToText() == written, written);
    // Long numbers lose digits in one of the two.
    if (core && written.size() < 19) {
      const std::string theirs = json::ToText(*core);
      CAPSTAN_MUST(json::Equal(std::string_view(written), std::string_view(theirs)), written + " " + theirs);
    }
  }
  const bool tiny = text.find("e-") != std::string::npos || text.find("E-") != std::string::npos;
  if (core && !ours && !tiny) CAPSTAN_MUST(false, "the core accepts: " + text);
}

}  // namespace capstan::fuzz
