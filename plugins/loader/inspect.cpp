#include <capstan/plugins/loader/inspect.hpp>

#include <link.h>

#include <cstring>
#include <optional>

#include <capstan/plugin.h>
#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/file/elf.hpp>
#include <capstan/plugins/loader/file/loadable.hpp>

namespace capstan::loader {
namespace {

// Removes one zero-terminated text from the front.
std::optional<std::string> TakeText(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return text;
}

// "libPocoJSON.so.80" is version "80" of "libPocoJSON.so".
std::pair<std::string_view, std::string_view> StemAndVersion(std::string_view soname) {
  const std::size_t mark = soname.rfind(".so.");
  if (mark == std::string_view::npos) return {soname, ""};
  return {soname.substr(0, mark + 3), soname.substr(mark + 4)};
}

}  // namespace

Result<Inspection> Inspect(std::string_view file, const std::string& path) {
  ElfFile elf(file, path);
  CAPSTAN_RETURN_IF_ERROR(elf.CheckHead());
  CAPSTAN_RETURN_IF_ERROR(elf.ReadSegments());
  const auto note = elf.Note();
  if (!note) {
    return elf.Bad(
        "is a shared library but no Capstan plugin (it carries no .note.capstan); build it with "
        "CAPSTAN_PLUGIN or CAPSTAN_PLUGIN_NOTE");
  }
  Inspection inspection;
  if (note->size() < 2 * sizeof(std::uint32_t))
    return elf.Bad("has a .note.capstan that is too short; build it again");
  std::memcpy(&inspection.abi_major, note->data(), sizeof(std::uint32_t));
  std::memcpy(&inspection.abi_minor, note->data() + sizeof(std::uint32_t), sizeof(std::uint32_t));
  if (inspection.abi_major != CAPSTAN_ABI_MAJOR) {
    const bool newer = inspection.abi_major > CAPSTAN_ABI_MAJOR;
    return Fail(Code::kFailedPrecondition,
                StrCat(path, " speaks plugin ABI ", inspection.abi_major, ", this program speaks ",
                       CAPSTAN_ABI_MAJOR, "; ",
                       newer ? "update capstan, or install an older version of the plugin"
                             : "install a newer version of the plugin"));
  }
  std::string_view rest = note->substr(2 * sizeof(std::uint32_t));
  auto name = TakeText(rest);
  auto version = TakeText(rest);
  auto kinds = TakeText(rest);
  if (!name || !version || !kinds || name->empty() || version->empty()) {
    return elf.Bad("has a .note.capstan without name, version and kinds; build it with CAPSTAN_PLUGIN_NOTE");
  }
  inspection.name = *std::move(name);
  inspection.version = *std::move(version);
  for (const std::string& kind : Split(*kinds, ',')) {
    if (!Trim(kind).empty()) inspection.kinds.emplace_back(Trim(kind));
  }
  if (inspection.abi_minor >= 2) {  // earlier versions have padding there
    for (const std::string& catalog : Split(TakeText(rest).value_or(""), ',')) {
      if (!Trim(catalog).empty()) inspection.catalogs.emplace_back(Trim(catalog));
    }
  }
  CAPSTAN_TRY(inspection.needed, elf.Needed());
  CAPSTAN_RETURN_IF_ERROR(CheckLoadable(elf));
  return inspection;
}

Status CheckNeeded(const Inspection& inspection, const std::vector<std::string>& loaded,
                   const std::string& path) {
  for (const std::string& needed : inspection.needed) {
    const auto [stem, version] = StemAndVersion(needed);
    for (const std::string& other : loaded) {
      const std::string_view file = std::string_view(other).substr(other.rfind('/') + 1);
      const auto [other_stem, other_version] = StemAndVersion(file);
      if (stem != other_stem || version == other_version) continue;
      return Fail(Code::kFailedPrecondition,
                  StrCat(path, " needs ", needed, " but ", file,
                         " is loaded already and would be used in its place; build the plugin against ", file,
                         ", or link that library into it statically"));
    }
  }
  return {};
}

std::vector<std::string> LoadedLibraries() {
  std::vector<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
          static_cast<std::vector<std::string>*>(out)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &names);
  return names;
}

}  // namespace capstan::loader
