#include <capstan/apps/capstan/wiring/output_flag.hpp>

#include <gflags/gflags.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>

DEFINE_string(output, "text", "output format: text (also called table), json or yaml, also -o");

namespace capstan::app {

const char kOutputFlag[] = __FILE__;

OutputFormat WantedFormat() {
  if (FLAGS_output == "json") return OutputFormat::kJson;
  return FLAGS_output == "yaml" ? OutputFormat::kYaml : OutputFormat::kText;
}

Status CheckOutputFlag() {
  if (FLAGS_output == "text" || FLAGS_output == "table" || FLAGS_output == "json" || FLAGS_output == "yaml")
    return {};
  return Fail(Code::kInvalidArgument,
              "--output is text (or table), json or yaml, not \"" + Shorten(FLAGS_output, 60) + "\"");
}

std::string Printed(const std::string& json, OutputFormat format) {
  if (format == OutputFormat::kYaml) {
    if (const auto tree = json::ParseTree(json)) return json::ToYaml(*tree);
  }
  return json + "\n";
}

}  // namespace capstan::app
