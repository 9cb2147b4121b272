// Fields that occur twice in a JSON body: the last one counts, and fieldValidation reports the
// others.
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/requests/content.hpp>

namespace capstan::apiserver {
namespace {

// An object or list that is open at the current position.
struct OpenLevel {
  bool object = false;
  bool expects_key = false;
  std::string path;  // "spec.nodePools[0]"
  std::string key;   // of an object: the current field
  std::size_t index = 0;
  std::set<std::string, std::less<>> seen;

  std::string Here() const {
    if (!object) return StrCat(path, "[", index, "]");
    return path.empty() ? key : StrCat(path, ".", key);
  }
};

// The position of the closing quote of the string whose opening quote is at `at`.
std::size_t EndOfString(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at;
}

}  // namespace

std::vector<std::string> DuplicateFields(std::string_view text) {
  std::vector<std::string> duplicates;
  std::vector<OpenLevel> levels;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = EndOfString(text, at);
      if (!levels.empty() && levels.back().object && levels.back().expects_key) {
        OpenLevel& level = levels.back();
        level.key = std::string(text.substr(at + 1, end - at - 1));
        level.expects_key = false;
        if (!level.seen.insert(level.key).second) duplicates.push_back(level.Here());
      }
      at = end;
    } else if (c == '{' || c == '[') {
      OpenLevel level;
      level.object = level.expects_key = c == '{';
      if (!levels.empty()) level.path = levels.back().Here();
      levels.push_back(std::move(level));
    } else if ((c == '}' || c == ']') && !levels.empty()) {
      levels.pop_back();
    } else if (c == ',' && !levels.empty()) {
      levels.back().expects_key = levels.back().object;
      ++levels.back().index;
    }
  }
  return duplicates;
}

}  // namespace capstan::apiserver
