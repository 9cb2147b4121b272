#include <capstan/apps/capstan/console/command_line.hpp>

#include <gflags/gflags.h>

#include <algorithm>

#include <capstan/apps/capstan/console/logging.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

// gflags' own flags and glog's are not ours to offer.
std::vector<gflags::CommandLineFlagInfo> FlagsOf(const FlagFiles& files) {
  std::vector<gflags::CommandLineFlagInfo> all, known;
  gflags::GetAllFlags(&all);
  for (const auto& flag : all) {
    const bool ours = flag.filename == kLoggingFlags ||
                      std::any_of(files.begin(), files.end(),
                                  [&](const char* file) { return file != nullptr && flag.filename == file; });
    if (ours) known.push_back(flag);
  }
  std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return known;
}

std::string Underscored(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// What kubectl has taught everybody's fingers.
std::string LongForm(const std::string& name) {
  if (name == "n") return "namespace";
  if (name == "o") return "output";
  return name;
}

class Parser {
 public:
  Parser(const FlagFiles& flags, Files& files) : flags_(FlagsOf(flags)), files_(files) {}

  Status Parse(const std::vector<std::string>& arguments, ParsedArguments& parsed) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& argument = arguments[i];
      if (argument == "--") {
        parsed.operands.insert(parsed.operands.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                               arguments.end());
        return {};
      }
      if (argument == "--help" || argument == "-h" || argument == "-help" || argument == "--help=true") {
        parsed.help = true;
      } else if (argument.size() < 2 || argument[0] != '-') {
        parsed.operands.push_back(argument);
      } else {
        CAPSTAN_RETURN_IF_ERROR(ParseFlag(arguments, i, parsed));
      }
    }
    return {};
  }

 private:
  const gflags::CommandLineFlagInfo* Find(const std::string& name) const {
    const auto found =
        std::find_if(flags_.begin(), flags_.end(), [&](const auto& flag) { return flag.name == name; });
    return found == flags_.end() ? nullptr : &*found;
  }

  Status ParseFlag(const std::vector<std::string>& arguments, std::size_t& i, ParsedArguments& parsed) {
    const std::string text = arguments[i].substr(arguments[i].rfind("--", 0) == 0 ? 2 : 1);
    const std::size_t equals = text.find('=');
    const bool one_dash = arguments[i].rfind("--", 0) != 0;
    const std::string written = Underscored(text.substr(0, equals));
    const std::string name = one_dash && Find(LongForm(written)) ? LongForm(written) : written;
    if (name == "flagfile") {
      if (equals == std::string::npos)
        return Fail(Code::kInvalidArgument, "--flagfile needs a file: --flagfile=FILE");
      return ParseFile(text.substr(equals + 1), parsed);
    }
    const auto* flag = Find(name);
    if (flag == nullptr && name.size() > 3 && name.rfind("no", 0) == 0 && equals == std::string::npos) {
      const auto* positive = Find(name.substr(name[2] == '_' ? 3 : 2));  // --nocel and --no-cel
      if (positive != nullptr && positive->type == "bool") return Set(positive->name, "false");
    }
    if (flag == nullptr)
      return Fail(Code::kInvalidArgument, "unknown flag --" + name + "; --help lists the flags");
    if (equals != std::string::npos) return Set(flag->name, text.substr(equals + 1));
    if (flag->type == "bool") return Set(flag->name, "true");
    if (i + 1 >= arguments.size())
      return Fail(Code::kInvalidArgument, "flag --" + name + " needs a value: --" + name + "=VALUE");
    return Set(flag->name, arguments[++i]);
  }

  Status ParseFile(const std::string& path, ParsedArguments& parsed) {
    CAPSTAN_TRY(const std::string content, files_.Read(path));
    int number = 0;
    for (const std::string& raw : Split(content, '\n')) {
      ++number;
      const std::string line(Trim(raw));
      if (line.empty() || line[0] == '#') continue;
      const std::string where = StrCat(path, ":", number);
      if (line[0] != '-' || line.rfind("--flagfile", 0) == 0) {
        return Fail(Code::kInvalidArgument,
                    StrCat(where, ": \"", line, "\" is not a flag; each line is one --name=value"));
      }
      if (auto status = Parse({line}, parsed); !status) return Annotate(status.error(), where);
    }
    return {};
  }

  static Status Set(const std::string& name, const std::string& value) {
    if (!gflags::SetCommandLineOption(name.c_str(), value.c_str()).empty()) return {};
    gflags::CommandLineFlagInfo info;
    gflags::GetCommandLineFlagInfo(name.c_str(), &info);
    return Fail(Code::kInvalidArgument,
                StrCat("\"", Shorten(value, 100), "\" is not a value of --", name, ", which takes ",
                       info.type == "string" ? "another text" : "a " + info.type));
  }

  const std::vector<gflags::CommandLineFlagInfo> flags_;
  Files& files_;
};

}  // namespace

std::string FlagsHelp(const FlagFiles& files) {
  std::string help;
  for (const auto& flag : FlagsOf(files)) {
    const std::string value = flag.type == "string" ? "\"" + flag.default_value + "\"" : flag.default_value;
    help += StrCat("  --", flag.name, " (", flag.description, ") default: ", value, "\n");
  }
  return help;
}

Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, const FlagFiles& flags,
                                       Files& files) {
  ParsedArguments parsed;
  CAPSTAN_RETURN_IF_ERROR(Parser(flags, files).Parse(arguments, parsed));
  return parsed;
}

}  // namespace capstan::app
