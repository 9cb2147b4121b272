#include <capstan/apps/capstan/console/command_line.hpp>

#include <gflags/gflags.h>

#include <algorithm>

#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

// The name that users see. gflags has one name space for the whole program: if two commands have a
// flag of the same name, or gflags itself has it, the definition is prefixed with the command and
// two underscores (generate__version).
std::string ShownName(const std::string& name) {
  const std::size_t at = name.find("__");
  return at == std::string::npos ? name : name.substr(at + 2);
}

// The flags of gflags and glog themselves are hidden.
std::vector<gflags::CommandLineFlagInfo> FlagsOf(const FlagFiles& files) {
  std::vector<gflags::CommandLineFlagInfo> all, known;
  gflags::GetAllFlags(&all);
  for (const auto& flag : all) {
    const bool ours = flag.filename == kLoggingFlags ||
                      std::any_of(files.begin(), files.end(),
                                  [&](const char* file) { return file != nullptr && flag.filename == file; });
    if (ours) known.push_back(flag);
  }
  std::sort(known.begin(), known.end(),
            [](const auto& a, const auto& b) { return ShownName(a.name) < ShownName(b.name); });
  return known;
}

// With dashes, as kubectl prints its flags. Both spellings are accepted.
std::string Dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// The flags of one command in gflags' registry.
class GflagsTable final : public program::FlagTable {
 public:
  explicit GflagsTable(const FlagFiles& files) : flags_(FlagsOf(files)) {}

  Known Look(const std::string& name) const override {
    const gflags::CommandLineFlagInfo* const flag = Find(name);
    if (flag == nullptr) return Known::kNo;
    return flag->type == "bool" ? Known::kSwitch : Known::kValue;
  }

  Status Set(const std::string& name, const std::string& value) override {
    const gflags::CommandLineFlagInfo& info = *Find(name);
    if (!gflags::SetCommandLineOption(info.name.c_str(), value.c_str()).empty()) return {};
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(value, 100), "\" is not a value of --", name, ", which takes ",
                       info.type == "string" ? "another text" : "a " + info.type));
  }

 private:
  const gflags::CommandLineFlagInfo* Find(const std::string& name) const {
    const auto found = std::find_if(flags_.begin(), flags_.end(),
                                    [&](const auto& flag) { return ShownName(flag.name) == name; });
    return found == flags_.end() ? nullptr : &*found;
  }

  const std::vector<gflags::CommandLineFlagInfo> flags_;
};

}  // namespace

std::string FlagsHelp(const FlagFiles& files) {
  std::string help;
  for (const auto& flag : FlagsOf(files)) {
    const std::string value = flag.type == "string" ? "\"" + flag.default_value + "\"" : flag.default_value;
    help += StrCat("  --", Dashed(ShownName(flag.name)), " (", flag.description, ") default: ", value, "\n");
  }
  return help;
}

std::vector<FlagReference> FlagsReference(const FlagFiles& files) {
  std::vector<FlagReference> references;
  for (const auto& flag : FlagsOf(files)) {
    references.push_back(
        {Dashed(ShownName(flag.name)), flag.description, flag.default_value, flag.type == "bool"});
  }
  return references;
}

Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, const FlagFiles& flags,
                                       Files& files) {
  GflagsTable table(flags);
  return program::ParseArguments(arguments, table, files);
}

}  // namespace capstan::app
