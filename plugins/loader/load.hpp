// LoadPlugin brings a plugin into this process: checked before dlopen, loaded from a sealed copy in
// memory (so that a file that is replaced or truncated afterwards changes nothing), and never
// unloaded.
#pragma once

#include <memory>
#include <string>

#include <capstan/plugin.h>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/calls/answer.hpp>
#include <capstan/plugins/loader/inspect.hpp>
#include <capstan/plugins/loader/seams.hpp>

namespace capstan::loader {

// A loaded plugin. Immutable; thread-safe.
class Plugin {
 public:
  Plugin(std::string path, Inspection inspection, external::Manifest manifest, capstan_plugin_t operations,
         Image image);

  const std::string& path() const { return path_; }
  const Inspection& inspection() const { return inspection_; }
  const external::Manifest& manifest() const { return manifest_; }

  // For the adapter: every slot is callable; those the plugin left empty answer "not offered".
  const capstan_plugin_t& operations() const { return operations_; }
  const Image& image() const { return image_; }

 private:
  const std::string path_;
  const Inspection inspection_;
  const external::Manifest manifest_;
  const capstan_plugin_t operations_;
  const Image image_;
};

struct LoadOptions {
  // Load also what others than root and this process's user may write.
  bool allow_writable = false;
  // Load it in a copy of this process first, so that a file that ends a process ends only that one.
  bool trial = true;
  // How long that may take.
  Duration trial_limit = std::chrono::seconds(10);
};

// Errors: those of Inspect, CheckNeeded and Files; kPermissionDenied (others may write it);
// kInvalidArgument and kDeadlineExceeded (it ends a process, or never comes to an end, while it is
// loaded: seen in a copy of this process); kFailedPrecondition (dlopen refused, no symbol,
// another ABI major), kInvalidArgument (a table that is too short or lacks a required operation, a
// malformed manifest, a manifest that contradicts the note). Each is one sentence that says what to
// do. Constructors of the library run here, after they ran in the copy; its manifest is asked for
// with a deadline.
Result<std::shared_ptr<const Plugin>> LoadPlugin(Files& files, const std::string& path, const Seams& seams,
                                                 const LoadOptions& options = {});

// The bytes of a plugin's file, for Inspect. Opens nothing that is no file. Errors:
// kInvalidArgument, kPermissionDenied, those of Files.
Result<std::string> ReadPlugin(Files& files, const std::string& path, const LoadOptions& options = {});

// The same for a plugin that is linked into this program.
Result<std::shared_ptr<const Plugin>> AdoptPlugin(const capstan_plugin_t* table, const std::string& name,
                                                  const Seams& seams);

// The table with every slot filled. Errors: as LoadPlugin's; `path` is for the messages.
Result<capstan_plugin_t> CompleteTable(const capstan_plugin_t* table, const std::string& path);

}  // namespace capstan::loader
