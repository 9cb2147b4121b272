// Flags are the settings of a program, each bound to a variable: names, defaults, help and parsing
// without a library and without global state.
//
//   std::string greeting = "hello";
//   program::Flags flags;
//   flags.Add("greeting", &greeting, "what to say");
//   auto parsed = flags.Parse(arguments, files);   // --greeting=hi, --greeting hi, --flagfile=FILE
//
// One thread. The variables must outlive the last Parse; what they hold when they are added is the
// default that --help shows.
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
  // A name is lower case with underscores; on the command line dashes do as well. REQUIRES: a name
  // that is not there yet, and not "help" or "flagfile"; a second one of a name replaces the first.
  void Add(const std::string& name, std::string* value, const std::string& help);
  void Add(const std::string& name, bool* value, const std::string& help);
  // Whole numbers between `least` and `most`.
  void Add(const std::string& name, int* value, int least, int most, const std::string& help);
  // Texts such as 30s and 2m; see ParseDuration.
  void Add(const std::string& name, Duration* value, const std::string& help);
  // Texts separated by commas; blanks around them and empty ones are dropped.
  void Add(const std::string& name, std::vector<std::string>* value, const std::string& help);

  // Writes the variables, the earlier ones also when a later argument is refused. Errors:
  // kInvalidArgument, one line that names the flag; those of Files::Read.
  Result<ParsedArguments> Parse(const std::vector<std::string>& arguments, Files& files) {
    return ParseArguments(arguments, *this, files);
  }
  // One line a flag, sorted: "  --name (help) default: value".
  std::string Help() const;

 private:
  struct Flag {
    bool is_switch = false;
    std::string help, default_value;
    std::function<bool(const std::string&)> set;  // false: not a value of it
    std::string takes;                            // "a number between 1 and 1024", for messages
  };
  Known Look(const std::string& name) const override;
  Status Set(const std::string& name, const std::string& value) override;
  std::map<std::string, Flag> flags_;
};

}  // namespace capstan::program
