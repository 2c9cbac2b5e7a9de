fn length(names: &Vec<String>) -> usize {
    names.length()
}
