// Creates files and folders that only their owner can read, whatever the umask: for databases,
// which a library opens by name. (core/base/files.hpp writes files with an explicit mode.)
//
// Thread-safe. Errors: kPermissionDenied, kInvalidArgument (not a file, not a folder, a folder that
// all users share), kUnavailable; the message names the path.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>

namespace capstan::disk {

// Makes `path` a folder of mode 0700: creates it and its parents, or changes its mode. Refuses
// shared folders such as /tmp.
Status MakePrivateFolder(const std::string& path);
// Makes `path` a file of mode 0600: creates an empty one, or changes its mode.
Status MakePrivateFile(const std::string& path);
// Likewise for a SQLite database and its side files (-wal, -shm, -journal): SQLite gives those that
// it creates the mode of the database.
Status MakePrivateDatabase(const std::string& path);

}  // namespace capstan::disk
