"""A small program in a git repository, built like fast_align."""

import subprocess
from pathlib import Path

# Like fast_align's: a minimum version that CMake 4 refuses, debugging symbols, and OpenMP if it is
# available. The program is in C, so that the suite needs only a C compiler.
CMAKE = """
project(fast_align C)
cmake_minimum_required(VERSION 3.1 FATAL_ERROR)
set(CMAKE_C_FLAGS "${CMAKE_C_FLAGS} -Wall -O3 -g")
find_package(OpenMP QUIET)
if(OPENMP_FOUND)
  set(CMAKE_C_FLAGS "${CMAKE_C_FLAGS} ${OpenMP_C_FLAGS}")
endif()
add_executable(fast_align src/main.c)
"""
C = r"""
#include <stdio.h>
int main(void) {
#ifdef _OPENMP
  printf("threads ");
#endif
  printf("%s in %s\n", "WORD", __FILE__);
  return 0;
}
"""


class Repository:
    """A git repository with versions of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "src").mkdir(parents=True)
        (folder / "CMakeLists.txt").write_text(CMAKE)
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        name = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", *name, *arguments]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, code: str) -> str:
        (self.folder / "src" / "main.c").write_text(code)
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a version")
        return self.git("rev-parse", "HEAD")


def words(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout
