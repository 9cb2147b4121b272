#include <capstan/sdk/generate/names.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace capstan::generate {
namespace {

bool Upper(char c) { return c >= 'A' && c <= 'Z'; }
bool Lower(char c) { return c >= 'a' && c <= 'z'; }
bool Digit(char c) { return c >= '0' && c <= '9'; }
char ToUpper(char c) { return Lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char ToLowerChar(char c) { return Upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// Keywords of C++20, and names of macros in the C library.
bool IsReserved(const std::string& name) {
  static constexpr std::array<std::string_view, 109> kWords = {"alignas",
                                                               "alignof",
                                                               "and",
                                                               "and_eq",
                                                               "asm",
                                                               "atomic_cancel",
                                                               "atomic_commit",
                                                               "atomic_noexcept",
                                                               "auto",
                                                               "bitand",
                                                               "bitor",
                                                               "bool",
                                                               "break",
                                                               "case",
                                                               "catch",
                                                               "char",
                                                               "char8_t",
                                                               "char16_t",
                                                               "char32_t",
                                                               "class",
                                                               "compl",
                                                               "concept",
                                                               "const",
                                                               "consteval",
                                                               "constexpr",
                                                               "constinit",
                                                               "const_cast",
                                                               "continue",
                                                               "co_await",
                                                               "co_return",
                                                               "co_yield",
                                                               "decltype",
                                                               "default",
                                                               "delete",
                                                               "do",
                                                               "double",
                                                               "dynamic_cast",
                                                               "else",
                                                               "enum",
                                                               "explicit",
                                                               "export",
                                                               "extern",
                                                               "false",
                                                               "float",
                                                               "for",
                                                               "friend",
                                                               "goto",
                                                               "if",
                                                               "inline",
                                                               "int",
                                                               "long",
                                                               "mutable",
                                                               "namespace",
                                                               "new",
                                                               "noexcept",
                                                               "not",
                                                               "not_eq",
                                                               "nullptr",
                                                               "operator",
                                                               "or",
                                                               "or_eq",
                                                               "private",
                                                               "protected",
                                                               "public",
                                                               "reflexpr",
                                                               "register",
                                                               "reinterpret_cast",
                                                               "requires",
                                                               "return",
                                                               "short",
                                                               "signed",
                                                               "sizeof",
                                                               "static",
                                                               "static_assert",
                                                               "static_cast",
                                                               "struct",
                                                               "switch",
                                                               "synchronized",
                                                               "template",
                                                               "this",
                                                               "thread_local",
                                                               "throw",
                                                               "true",
                                                               "try",
                                                               "typedef",
                                                               "typeid",
                                                               "typename",
                                                               "union",
                                                               "unsigned",
                                                               "using",
                                                               "virtual",
                                                               "void",
                                                               "volatile",
                                                               "wchar_t",
                                                               "while",
                                                               "xor",
                                                               "xor_eq",
                                                               "major",
                                                               "minor",
                                                               "linux",
                                                               "unix",
                                                               "errno",
                                                               "stdin",
                                                               "stdout",
                                                               "stderr",
                                                               "assert",
                                                               "offsetof",
                                                               "unknown_fields",
                                                               "std"};
  return std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

// Whether a word of camelCase begins here: after a lower-case letter or digit, or at the last
// capital of a run followed by lower case ("HTTPServer" has two words), except for the plural of a
// run ("CIDRs").
bool BeginsWord(std::string_view text, std::size_t i) {
  if (i == 0 || !Upper(text[i])) return false;
  const char before = text[i - 1];
  if (Lower(before) || Digit(before)) return true;
  if (!Upper(before) || i + 1 >= text.size() || !Lower(text[i + 1])) return false;
  const bool plural = text[i + 1] == 's' && (i + 2 == text.size() || Upper(text[i + 2]));
  return !plural;
}

}  // namespace

std::string SnakeName(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!Upper(c) && !Lower(c) && !Digit(c)) {
      if (!name.empty() && name.back() != '_') name.push_back('_');
      continue;
    }
    if (BeginsWord(text, i) && !name.empty() && name.back() != '_') name.push_back('_');
    name.push_back(ToLowerChar(c));
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty()) return "field";
  if (Digit(name.front())) name.insert(name.begin(), 'n');
  return name;
}

std::string FieldName(std::string_view json_name) {
  std::string name = SnakeName(json_name);
  if (IsReserved(name)) name.push_back('_');
  return name;
}

std::string TypeNamePart(std::string_view json_name) {
  std::string name;
  bool begin = true;
  for (const char c : json_name) {
    if (!Upper(c) && !Lower(c) && !Digit(c)) {
      begin = true;
      continue;
    }
    name.push_back(begin ? ToUpper(c) : c);
    begin = false;
  }
  return name.empty() ? "Value" : name;
}

std::string EnumeratorName(std::string_view text) {
  if (text.empty()) return "kEmpty";
  return "k" + TypeNamePart(text);
}

std::string UniqueNames::Take(const std::string& name) {
  std::string unique = name;
  for (int i = 2; !taken_.insert(unique).second; ++i) unique = name + std::to_string(i);
  return unique;
}

}  // namespace capstan::generate
