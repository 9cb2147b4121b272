// ParseArguments reads the arguments of a program into whatever keeps its flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::program {

struct ParsedArguments {
  bool help = false;
  std::vector<std::string> operands;  // what is not a flag
};

// The flags that a program knows, by name with underscores. One thread.
class FlagTable {
 public:
  enum class Known { kNo, kValue, kSwitch };
  virtual ~FlagTable() = default;
  virtual Known Look(const std::string& name) const = 0;
  // Errors: kInvalidArgument, one line that names the flag. REQUIRES: Look knows it.
  virtual Status Set(const std::string& name, const std::string& value) = 0;
};

// Understands --name=value, --name value, --switch, --noswitch, dashes for underscores, --, -n and
// -o for --namespace and --output where the table has these, a lone - (an operand), and
// --flagfile=FILE (one flag a line, # begins a comment, every line is checked). Of two values of
// one flag the last counts. Errors: kInvalidArgument, one line for the terminal; those of
// Files::Read.
Result<ParsedArguments> ParseArguments(const std::vector<std::string>& arguments, FlagTable& flags,
                                       Files& files);

}  // namespace capstan::program
