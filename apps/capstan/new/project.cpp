#include <capstan/apps/capstan/new/project.hpp>

#include <algorithm>
#include <utility>

#include <capstan/apps/capstan/new/templates.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char UpperLetter(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// "my-cloud" to "MyCloud", "my_cloud" and "MYCLOUD".
std::string Camel(const std::string& name) {
  std::string text;
  for (const std::string& piece : Split(name, '-')) {
    if (!piece.empty()) text += UpperLetter(piece[0]) + piece.substr(1);
  }
  return text;
}
std::string Snake(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
std::string Shout(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c != '-') text.push_back(UpperLetter(c));
  }
  return text;
}

std::string FilledIn(std::string text, const Replacements& replacements) {
  for (const auto& [from, to] : replacements) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<ProjectFile> Fill(const Template* files, int count, const Replacements& replacements) {
  std::vector<ProjectFile> filled;
  for (const Template* file = files; file != files + count; ++file) {
    filled.push_back({FilledIn(std::string(file->path), replacements),
                      FilledIn(std::string(file->content), replacements)});
  }
  return filled;
}

Status CheckName(const std::string& name) {
  if (IsDnsLabel(name) && IsLetter(name[0]) && name.size() <= 40) return {};
  return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(name, 60),
                                             "\" cannot be the name of a project: use lower-case letters, "
                                             "digits and dashes, a letter first, at most 40 characters"));
}

}  // namespace

Result<std::vector<ProjectFile>> OperatorProject(const OperatorProjectOptions& options) {
  CAPSTAN_RETURN_IF_ERROR(CheckName(options.name));
  const std::string kind = options.kind.empty() ? Camel(options.name) : options.kind;
  const bool plain =
      !kind.empty() && kind[0] >= 'A' && kind[0] <= 'Z' && kind.size() <= 60 &&
      std::all_of(kind.begin(), kind.end(), [](char c) { return IsLetter(c) || (c >= '0' && c <= '9'); });
  if (!plain)
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(kind, 60), "\" cannot be a kind: use a name such as Website"));
  if (!IsDnsSubdomain(options.group) || options.group.find('.') == std::string::npos)
    return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(options.group, 60),
                                               "\" cannot be a group: use a DNS name such as example.dev"));
  const std::string singular = ToLower(kind);
  return Fill(kOperatorTemplate, kOperatorTemplateSize,
              {{"@NAME@", options.name},
               {"@SNAKE@", Snake(options.name)},
               {"@KIND@", kind},
               {"@SINGULAR@", singular},
               {"@PLURAL@", singular + (singular.back() == 's' ? "es" : "s")},
               {"@GROUP@", options.group}});
}

Result<std::vector<ProjectFile>> ProviderProject(const std::string& name) {
  CAPSTAN_RETURN_IF_ERROR(CheckName(name));
  const std::string joined = ToLower(Shout(name));
  return Fill(
      kProviderTemplate, kProviderTemplateSize,
      {{"mycloud", joined}, {"my_cloud", Snake(name)}, {"MyCloud", Camel(name)}, {"MYCLOUD", Shout(name)}});
}

}  // namespace capstan::app
