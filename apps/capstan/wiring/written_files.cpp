#include <capstan/apps/capstan/wiring/written_files.hpp>

#include <capstan/core/base/json.hpp>

namespace capstan::app {

std::string WrittenFiles(const std::vector<std::string>& paths, OutputFormat format) {
  std::string lines;
  Json files = Json::EmptyArray();
  for (const std::string& path : paths) {
    lines += path + "\n";
    files.Append(path);
  }
  if (format == OutputFormat::kText) return lines;
  return Printed(Json::EmptyObject().Set("files", std::move(files)).ToText(), format);
}

}  // namespace capstan::app
