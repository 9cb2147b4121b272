// Flags are the settings of a program, each bound to a variable: names, defaults, help and parsing
// without a library and without global state.
//
//   std::string greeting = "hello";
//   program::Flags flags;
//   flags.Add("greeting", &greeting, "what to say");
//   auto parsed = flags.Parse(arguments, files);   // --greeting=hi, --greeting hi, --flagfile=FILE
//
// For one thread. The variables must outlive the last Parse; the value of a variable when it is
// added is the default that --help shows.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/program/arguments.hpp>

namespace capstan::program {

class Flags final : private FlagTable {
 public:
  // Names are lower case with underscores; on the command line dashes work as well. REQUIRES: a new
  // name other than "help" and "flagfile"; adding a name again replaces the first.
  void Add(const std::string& name, std::string* value, const std::string& help);
  void Add(const std::string& name, bool* value, const std::string& help);
  // A whole number between `least` and `most`.
  void Add(const std::string& name, int* value, int least, int most, const std::string& help);
  // A text such as 30s or 2m; see ParseDuration.
  void Add(const std::string& name, Duration* value, const std::string& help);
  // A list separated by commas; blanks around elements and empty elements are dropped.
  void Add(const std::string& name, std::vector<std::string>* value, const std::string& help);

  // Writes the variables; those of earlier arguments stay written if a later argument is invalid.
  // Errors: kInvalidArgument, one line that names the flag; those of Files::Read.
  Result<ParsedArguments> Parse(const std::vector<std::string>& arguments, Files& files) {
    return ParseArguments(arguments, *this, files);
  }
  // One line per flag, sorted: " --name (help) default: value".
  std::string Help() const;

 private:
  struct Flag {
    bool is_switch = false;
    std::string help, default_value;
    std::function<bool(const std::string&)> set;  // false: the text is not a valid value
    std::string takes;                            // "a number between 1 and 1024", for messages
  };
  Known Look(const std::string& name) const override;
  Status Set(const std::string& name, const std::string& value) override;
  std::map<std::string, Flag> flags_;
};

}  // namespace capstan::program
