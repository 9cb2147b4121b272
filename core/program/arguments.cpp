#include <capstan/core/program/arguments.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::program {
namespace {

std::string Underscored(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// The short forms that users of kubectl type.
std::string LongForm(const std::string& name) {
  if (name == "n") return "namespace";
  if (name == "o") return "output";
  return name;
}

class Parser {
 public:
  Parser(FlagTable& flags, Files& files) : flags_(flags), files_(files) {}

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
  bool Knows(const std::string& name) const { return flags_.Look(name) != FlagTable::Known::kNo; }

  Status ParseFlag(const std::vector<std::string>& arguments, std::size_t& i, ParsedArguments& parsed) {
    const std::string text = arguments[i].substr(arguments[i].rfind("--", 0) == 0 ? 2 : 1);
    const std::size_t equals = text.find('=');
    const bool one_dash = arguments[i].rfind("--", 0) != 0;
    const std::string written = Underscored(text.substr(0, equals));
    const std::string name = one_dash && Knows(LongForm(written)) ? LongForm(written) : written;
    if (name == "flagfile") {
      if (equals == std::string::npos)
        return Fail(Code::kInvalidArgument, "--flagfile needs a file: --flagfile=FILE");
      return ParseFile(text.substr(equals + 1), parsed);
    }
    const FlagTable::Known known = flags_.Look(name);
    if (known == FlagTable::Known::kNo && name.size() > 3 && name.rfind("no", 0) == 0 &&
        equals == std::string::npos) {
      const std::string positive = name.substr(name[2] == '_' ? 3 : 2);  // --nocel and --no-cel
      if (flags_.Look(positive) == FlagTable::Known::kSwitch) return flags_.Set(positive, "false");
    }
    if (known == FlagTable::Known::kNo)
      return Fail(Code::kInvalidArgument, "unknown flag --" + name + "; --help lists the flags");
    if (equals != std::string::npos) return flags_.Set(name, text.substr(equals + 1));
    if (known == FlagTable::Known::kSwitch) return flags_.Set(name, "true");
    if (i + 1 >= arguments.size())
      return Fail(Code::kInvalidArgument, "flag --" + name + " needs a value: --" + name + "=VALUE");
    return flags_.Set(name, arguments[++i]);
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

  FlagTable& flags_;
  Files& files_;
};

}  // namespace

Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, FlagTable& flags,
                                       Files& files) {
  ParsedArguments parsed;
  CAPSTAN_RETURN_IF_ERROR(Parser(flags, files).Parse(arguments, parsed));
  return parsed;
}

}  // namespace capstan::program
