// ParseArguments parses the command line of a program into a FlagTable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::program {

struct ParsedArguments {
  bool help = false;
  std::vector<std::string> operands;  // arguments that are not flags
};

// The flags of a program, by name with underscores. For one thread.
class FlagTable {
 public:
  enum class Known { kNo, kValue, kSwitch };
  virtual ~FlagTable() = default;
  virtual Known Look(const std::string& name) const = 0;
  // Errors: kInvalidArgument, one line that names the flag. REQUIRES: Look knows the flag.
  virtual Status Set(const std::string& name, const std::string& value) = 0;
};

// Accepts --name=value, --name value, --switch, --noswitch, dashes for underscores, --, -n and -o
// for --namespace and --output if the table has these, a lone - (an operand), and --flagfile=FILE
// (one flag per line, # starts a comment, every line is checked). If a flag is repeated, the last
// value wins. Errors: kInvalidArgument, one line for the terminal; those of Files::Read.
Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, FlagTable& flags,
                                       Files& files);

}  // namespace capstan::program
