"""Small templates, each with one defect and a healthy twin, shown to `mainstay check` and to four other linters."""
