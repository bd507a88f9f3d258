#pragma once

namespace sluice {

/// For processes that hold keys or passwords: their memory goes into no file and to no collector of
/// crashes, and only root may look at it. Programs that they start inherit the limit of files, not
/// the rest: those that hold secrets call this themselves.
void keep_memory_private();

}  // namespace sluice
